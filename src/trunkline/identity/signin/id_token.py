"""Is this ID token what it says (OpenID Connect Core 1.0 section 3.1.3.7)?"""

from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from trunkline.contract import Unauthenticated

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
SKEW: Final = 60.0  # seconds by which clocks may differ
_LONGEST: Final = 32_768  # characters of a token
_LONGEST_SUBJECT: Final = 255  # OpenID Connect Core, section 2
_Claims = dict[str, Any]


class _Header(msgspec.Struct):
    alg: str
    kid: str = ""


class Expected(msgspec.Struct, frozen=True):
    """What the token must say. The issuer is judged by the provider's own rule."""

    client_id: str
    nonce: str
    now: float


def kid_of(token: str) -> str:
    """The key that the token names. Raises Unauthenticated where it is none, or its algorithm is not allowed."""
    header = token.partition(".")[0]
    try:
        if len(token) > _LONGEST:
            raise ValueError
        read = msgspec.json.decode(urlsafe_b64decode(header + "=" * (-len(header) % 4)), type=_Header)
    except (ValueError, Error, msgspec.DecodeError):
        raise _invalid("it cannot be read") from None
    if read.alg not in ALGORITHMS:
        raise _invalid("its algorithm is not accepted")
    return read.kid


def claims(token: str, keys: KeySet, algorithms: Iterable[str], expected: Expected) -> _Claims:
    """The verified claims. Raises Unauthenticated; its message says which check failed, and shows no value."""
    allowed = sorted(ALGORITHMS & set(algorithms)) or ["RS256"]
    try:
        found: _Claims = dict(jwt.decode(token, keys, algorithms=allowed).claims)
    except (JoseError, ValueError, TypeError):
        raise _invalid("its signature does not fit") from None
    said = _typed(found)
    _check_times(said, expected.now)
    _check_audience(said, expected.client_id)
    if said.nonce != expected.nonce:
        raise _invalid("it was made for another sign-in")
    if not 0 < len(said.sub) <= _LONGEST_SUBJECT:
        raise _invalid("it names nobody")
    return found


class _Said(msgspec.Struct):
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nbf: float = 0.0
    azp: str = ""
    nonce: str = ""


def _typed(found: _Claims) -> _Said:
    try:
        return msgspec.convert(found, _Said)
    except msgspec.ValidationError:
        raise _invalid("a claim is missing, or of another kind") from None


def _check_times(said: _Said, now: float) -> None:
    if said.exp <= now - SKEW:
        raise _invalid("it is too old: compare the clocks")
    if said.iat > now + SKEW or said.nbf > now + SKEW:
        raise _invalid("it is from the future: compare the clocks")


def _check_audience(said: _Said, client_id: str) -> None:
    """For us, and for nobody else: a token for several needs to say that it was given to us."""
    named = [said.aud] if isinstance(said.aud, str) else said.aud
    if client_id not in named or (len(named) > 1 and said.azp != client_id):
        raise _invalid("it is for another application")
    if said.azp not in ("", client_id):
        raise _invalid("it was given to another application")


def _invalid(why: str) -> Unauthenticated:
    return Unauthenticated(f"The provider's ID token is not accepted: {why}.", "Sign in again.")
