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
        if len(authorization) > _LONGEST:
            raise _invalid()
        found = self._verified.get(self._digest(authorization))
        if found is None:
            found = self._verified.get(self._digest(_SCHEME + _token(authorization)))
        if found is None:
            raise _invalid()
        return found

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
