"""From the `Authorization` header to a caller (RFC 6750 section 2.1)."""

import secrets
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

from trunkline.contract import Admitted, Unauthenticated
from trunkline.identity.owner import OWNER, owner_token
from trunkline.identity.verifier import Held, Verifier

_HINT = "Send the header 'Authorization: Bearer <token>'; `trunkline token` prints the token."
_LONGEST = 4096  # bytes; no token of ours or of a provider's is longer
_SCHEME = b"Bearer "
_MOST: Final = 10_000  # remembered at once; beyond it, all but the owner are verified anew


class Authenticator:
    """Verifies bearer tokens. Verified tokens are remembered by a keyed digest, for as long as their verifier says.

    The digest's key is random per process, so neither the time of a look-up nor a dump of the table tells anything of
    a token; comparing digests instead of tokens makes the comparison's time independent of how much of a guess fits.
    What is digested is the header's value, `Bearer <token>`: as nearly everybody sends it, or brought into that form.
    """

    def __init__(
        self, master: bytes, verifiers: Sequence[Verifier] = (), now: Callable[[], float] = time.monotonic
    ) -> None:
        """`verifiers` are asked in turn for a token that is not remembered. `now` never goes back."""
        self._keyed = blake2b(key=secrets.token_bytes(32), digest_size=32)
        self._verifiers = verifiers
        self._now = now
        self._owner = self._digest(_SCHEME + owner_token(master).encode())
        self._held = {self._owner: Held(Admitted(OWNER))}

    async def admit(self, authorization: bytes, host: bytes = b"", path: str = "/mcp") -> Admitted:
        """Who sent this value of the `Authorization` header (empty where there was none), to this host and path.

        Raises `Unauthenticated`; its message never repeats what was sent.
        """
        if len(authorization) > _LONGEST:
            raise _invalid()
        held = self._remembered(self._digest(authorization), host, path)
        return held.admitted if held is not None else await self._verified(_token(authorization), host, path)

    async def _verified(self, token: bytes, host: bytes, path: str) -> Admitted:
        digest = self._digest(_SCHEME + token)
        held = self._remembered(digest, host, path)
        if held is not None:
            return held.admitted
        held = await self._ask(token, host, path)
        if held is None or not held.fits(host, path):
            raise _invalid()
        if len(self._held) >= _MOST:
            self._held = {self._owner: self._held[self._owner]}
        self._held[digest] = held
        return held.admitted

    def _remembered(self, digest: bytes, host: bytes, path: str) -> Held | None:
        held = self._held.get(digest)
        return held if held is not None and held.until > self._now() and held.fits(host, path) else None

    async def _ask(self, token: bytes, host: bytes, path: str) -> Held | None:
        if not token.isascii():
            return None
        for verifier in self._verifiers:
            held = await verifier.verify(token.decode("ascii"), host, path)
            if held is not None:
                return held
        return None

    def _digest(self, value: bytes) -> bytes:
        digest = self._keyed.copy()  # with the key in it: half the cost of a new one
        digest.update(value)
        return digest.digest()


def _invalid() -> Unauthenticated:
    return Unauthenticated("The bearer token is not valid.", _HINT)


def _token(authorization: bytes) -> bytes:
    """Raises `Unauthenticated` where there is none."""
    scheme, _, token = authorization.strip().partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token:
        raise Unauthenticated("A bearer token is needed.", _HINT)
    return token
