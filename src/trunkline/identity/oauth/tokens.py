"""Access tokens: JWTs as of RFC 9068, for one resource, one client and one user, for fifteen minutes.

Read strictly: a header of three members and no more (so that no `jku`, `jwk`, `x5u` or `crit` is ever looked at), one
algorithm, claims of exactly their types.
"""

import secrets
from base64 import urlsafe_b64decode
from typing import Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from trunkline.identity.oauth.keys import ALGORITHM, SigningKeys

SECONDS: Final = 900  # how long a token is good
_TYPE: Final = "at+jwt"
_SKEW: Final = 60  # seconds that another gateway's clock may differ
_LONGEST: Final = 4096


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says. `grant` is the authorization it comes from, which may have been revoked since."""

    iss: str
    aud: str
    sub: str
    org: str
    client_id: str
    scope: str
    grant: str
    jti: str
    iat: int
    exp: int


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alg: str
    typ: str
    kid: str


_CLAIMS: Final = msgspec.json.Decoder(Claims)
_HEADER: Final = msgspec.json.Decoder(_Header)


def mint(keys: SigningKeys, claims: Claims) -> str:
    key = keys.current()
    header = {"alg": ALGORITHM, "typ": _TYPE, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(claims), key, [ALGORITHM])


def token_id() -> str:
    return secrets.token_urlsafe(12)


def read(keys: SigningKeys, token: str, now: float) -> Claims | None:
    """The claims of a token of ours that is good at `now` (seconds since the epoch); None for everything else."""
    header = _header(token)
    if header is None or header.alg != ALGORITHM or header.typ != _TYPE:
        return None
    key = keys.accepted(header.kid)
    if key is None:
        return None
    try:
        claims = _CLAIMS.decode(jws.deserialize_compact(token, key, [ALGORITHM]).payload or b"")
    except (JoseError, msgspec.DecodeError, ValueError):
        return None
    lived = now - claims.iat
    return claims if -_SKEW <= lived < SECONDS + _SKEW and now < claims.exp <= claims.iat + SECONDS else None


def _header(token: str) -> _Header | None:
    first, dot, rest = token.partition(".")
    if len(token) > _LONGEST or not dot or rest.count(".") != 1:
        return None
    try:
        return _HEADER.decode(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (msgspec.DecodeError, ValueError):
        return None
