"""Identity assertions that a company's provider gives its MCP clients (ID-JAG), in the place of a user's consent.

Enterprise-managed authorization: a client that the provider knows brings a JWT of the provider's which names this very
server, that client and the user (draft-ietf-oauth-identity-assertion-authz-grant; RFC 7523). Read strictly: whatever is
missing, of another kind or for somebody else is refused, always with the same words.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from trunkline.contract import Fault
from trunkline.identity.oauth.faults import OAuthFault, invalid_grant

PROFILE: Final = "urn:ietf:params:oauth:grant-profile:id-jag"
_TYPE: Final = "oauth-id-jag+jwt"
_ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
_SKEW: Final = 60.0  # seconds by which clocks may differ
LONGEST_LIFE: Final = 3600.0  # seconds between `iat` and `exp`
_LONGEST: Final = 16_384  # characters


class Asserted(msgspec.Struct, frozen=True):
    """The claims. `scope` and `resource` may be missing: then the request, or what is usual here, says them."""

    iss: str
    sub: str
    aud: str | list[str]
    client_id: str
    jti: str
    exp: float
    iat: float
    nbf: float = 0.0
    scope: str = ""
    resource: str = ""


class Known(msgspec.Struct, frozen=True):
    """The user that an issuer's subject is here."""

    user: str
    organization: str
    name: str


class Issuers(Protocol):
    """The providers that are trusted to assert who their users are."""

    @property
    def trusted(self) -> frozenset[str]:
        """Their issuers, as the settings name them; empty where there are none."""
        ...

    async def keys(self, issuer: str, kid: str) -> tuple[KeySet, Iterable[str]]:
        """Keys and algorithms of a trusted issuer, fetched now and then. Raises Upstream…"""
        ...

    async def known(self, issuer: str, subject: str) -> Known | None:
        """None for whoever has no account, or a disabled one, or belongs to no organization."""
        ...


class NoIssuers:
    """Where nobody is trusted: nothing is fetched, every assertion is refused."""

    trusted: frozenset[str] = frozenset()

    async def keys(self, issuer: str, kid: str) -> tuple[KeySet, Iterable[str]]:
        raise invalid_grant()

    async def known(self, issuer: str, subject: str) -> Known | None:
        return None


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No `jku`, `jwk`, `x5u` or `crit`: a token does not say where its key lies."""

    alg: str
    typ: str
    kid: str


class _Issuer(msgspec.Struct, frozen=True):
    iss: str


_HEADER: Final = msgspec.json.Decoder(_Header)
_ISSUER: Final = msgspec.json.Decoder(_Issuer)
_CLAIMS: Final = msgspec.json.Decoder(Asserted)


class Assertions:
    """Reads assertions. `now` is in seconds since the epoch."""

    def __init__(self, issuers: Issuers, now: Callable[[], float]) -> None:
        self.issuers = issuers
        self._now = now

    async def read(self, token: str, client: str, audience: str) -> Asserted:
        """The claims of an assertion for `client` and us (`audience`). Raises OAuthFault (invalid_grant)."""
        header, issuer = _unverified(token)
        if issuer not in self.issuers.trusted or header.typ != _TYPE:
            raise invalid_grant()
        claims = await self._verified(token, header, issuer)
        if not self._fits(claims, client, audience):
            raise invalid_grant()
        return claims

    async def _verified(self, token: str, header: _Header, issuer: str) -> Asserted:
        try:
            keys, algorithms = await self.issuers.keys(issuer, header.kid)
        except OAuthFault:
            raise
        except Fault as fault:
            raise OAuthFault("temporarily_unavailable", fault.message, status=503) from None
        allowed = sorted(_ALGORITHMS & set(algorithms))
        if header.alg not in allowed:
            raise invalid_grant()
        try:
            return _CLAIMS.decode(jws.deserialize_compact(token, keys, allowed).payload or b"")
        except (JoseError, msgspec.DecodeError, ValueError, TypeError):
            raise invalid_grant() from None

    def _fits(self, claims: Asserted, client: str, audience: str) -> bool:
        now = self._now()
        is_ours = claims.aud in (audience, [audience]) and claims.client_id == client
        is_now = claims.iat <= now + _SKEW and claims.nbf <= now + _SKEW and now - _SKEW < claims.exp
        return is_ours and is_now and claims.exp - claims.iat <= LONGEST_LIFE and bool(claims.sub and claims.jti)


def _unverified(token: str) -> tuple[_Header, str]:
    """What says by which key to verify. Raises OAuthFault."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise invalid_grant()
    header, payload, _ = token.split(".")
    try:
        return _HEADER.decode(_plain(header)), _ISSUER.decode(_plain(payload)).iss
    except (ValueError, msgspec.DecodeError):
        raise invalid_grant() from None


def _plain(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
