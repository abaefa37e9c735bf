"""From the `Authorization` header to a `Principal` (RFC 6750 section 2.1)."""

import secrets
from hashlib import blake2b

from trunkline.contract import Principal, Unauthenticated
from trunkline.identity.owner import OWNER, owner_token

_HINT = "Send the header 'Authorization: Bearer <token>'; `trunkline token` prints the token."
_LONGEST = 4096  # bytes; no token of ours or of a provider's is longer


class Authenticator:
    """Verifies bearer tokens. Verified tokens are remembered by a keyed digest.

    The digest's key is random per process, so neither the time of a look-up nor a dump of the table tells anything of
    a token; comparing digests instead of tokens makes the comparison's time independent of how much of a guess fits.
    """

    def __init__(self, master: bytes) -> None:
        self._key = secrets.token_bytes(32)
        self._verified = {self._digest(owner_token(master).encode()): OWNER}

    def principal(self, authorization: bytes) -> Principal:
        """Who sent this value of the `Authorization` header (empty where there was none).

        Raises `Unauthenticated`; its message never repeats what was sent.
        """
        scheme, _, token = authorization.strip().partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token:
            raise Unauthenticated("A bearer token is needed.", _HINT)
        found = self._verified.get(self._digest(token)) if len(token) <= _LONGEST else None
        if found is None:
            raise Unauthenticated("The bearer token is not valid.", _HINT)
        return found

    def _digest(self, token: bytes) -> bytes:
        return blake2b(token, key=self._key, digest_size=32).digest()
