"""From the `Authorization` header to a `Principal` (RFC 6750 section 2.1)."""

import secrets
from hashlib import blake2b

from trunkline.contract import Principal, Unauthenticated
from trunkline.identity.owner import OWNER, owner_token

_HINT = "Send the header 'Authorization: Bearer <token>'; `trunkline token` prints the token."
_LONGEST = 4096  # bytes; no token of ours or of a provider's is longer
_SCHEME = b"Bearer "


class Authenticator:
    """Verifies bearer tokens. Verified tokens are remembered by a keyed digest.

    The digest's key is random per process, so neither the time of a look-up nor a dump of the table tells anything of
    a token; comparing digests instead of tokens makes the comparison's time independent of how much of a guess fits.
    What is digested is the header's value, `Bearer <token>`: as nearly everybody sends it, or brought into that form.
    """

    def __init__(self, master: bytes) -> None:
        self._keyed = blake2b(key=secrets.token_bytes(32), digest_size=32)
        self._verified = {self._digest(_SCHEME + owner_token(master).encode()): OWNER}

    def principal(self, authorization: bytes) -> Principal:
        """Who sent this value of the `Authorization` header (empty where there was none).

        Raises `Unauthenticated`; its message never repeats what was sent.
        """
        found = self._found(authorization) or self._found(_SCHEME + _token(authorization))
        if found is None:
            raise Unauthenticated("The bearer token is not valid.", _HINT)
        return found

    def _found(self, value: bytes) -> Principal | None:
        return self._verified.get(self._digest(value)) if len(value) <= _LONGEST else None

    def _digest(self, value: bytes) -> bytes:
        digest = self._keyed.copy()  # with the key in it: half the cost of a new one
        digest.update(value)
        return digest.digest()


def _token(authorization: bytes) -> bytes:
    """Raises `Unauthenticated` where there is none."""
    scheme, _, token = authorization.strip().partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token:
        raise Unauthenticated("A bearer token is needed.", _HINT)
    return token
