"""Contract fakes: they speak the documented wire format of Google, Microsoft and GitHub, and are not those.

A real OpenID provider (npm oidc-provider) is used in test_real_provider.py; what only these three do is told here from
their documentation: developers.google.com/identity/openid-connect, learn.microsoft.com/entra/identity-platform,
docs.github.com/apps/oauth-apps.
"""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.identity.site import query_of
from trunkline.contract import UpstreamUnavailable
from trunkline.infra.fetch import Fetched, Request

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig", "alg": "RS256"})
TENANT = "11111111-2222-3333-4444-555555555555"
OTHER_TENANT = "99999999-2222-3333-4444-555555555555"


def answer(content: Any, status: int = 200) -> Fetched:
    return Fetched(status, {"content-type": "application/json"}, msgspec.json.encode(content))


@dataclass
class OpenIdFake:
    """An OpenID provider: metadata, keys, code for ID token. `claims` replaces what the token would say."""

    issuer: str
    now: float
    base: str = ""  # what the metadata lies below, where it is not the issuer
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "k1"})
    key: Any = field(default_factory=lambda: KEY)
    published: list[Any] = field(default_factory=lambda: [KEY])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    broken: dict[str, Fetched | None] = field(default_factory=dict[str, Fetched | None])  # by what a URL ends with
    asked: list[str] = field(default_factory=list[str])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    id_token: str = ""  # replaces the token as a whole

    def approve(self, url: str, **more: str) -> str:
        """What the provider does after its sign-in page: the query of the redirect back to us."""
        asked = query_of(url)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"], "iss": self._here(), **more})

    async def __call__(self, request: Request) -> Fetched:
        assert request.json is None
        assert not request.method
        url = request.url
        self.asked.append(url)
        for ending, broken in self.broken.items():
            if url.endswith(ending):
                if broken is None:
                    raise UpstreamUnavailable("the provider cannot be reached")
                return broken
        base = self.base or self.issuer
        if url == f"{base}/.well-known/openid-configuration":
            return answer(self._metadata())
        if url == f"{self._here()}/jwks":
            return answer({"keys": [key.as_dict(private=False) for key in self.published]})
        if url == f"{self._here()}/token" and request.form is not None:
            return self._token(request.form, request.headers)
        return answer({}, 404)

    def _here(self) -> str:
        return self.issuer

    def _metadata(self) -> dict[str, Any]:
        here = self._here()
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def _token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Fetched:
        asked = self.codes.pop(form["code"], None)
        verifier = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        client = f"Basic {b64encode(b'us:canary-client-secret').decode()}"
        if asked is None or asked["code_challenge"] != verifier or headers.get("authorization") != client:
            return answer({"error": "invalid_grant"}, 400)
        if asked["redirect_uri"] != form["redirect_uri"]:
            return answer({"error": "invalid_grant"}, 400)
        claims = self.said(asked["nonce"])
        token = self.id_token or jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])
        return answer({"access_token": "canary-access-token", "token_type": "Bearer", "id_token": token})

    def said(self, nonce: str) -> dict[str, Any]:
        usual = {"iss": self.issuer, "sub": "alice", "aud": "us", "iat": self.now, "exp": self.now + 300}
        said = usual | {"nonce": nonce, "email": "alice@acme.example", "email_verified": True, "name": "Alice"}
        return {name: value for name, value in (said | self.claims).items() if value is not None}


def google(now: float, **claims: Any) -> OpenIdFake:
    return OpenIdFake("https://accounts.google.com", now, claims={"sub": "1122", "hd": "acme.example"} | claims)


def microsoft(now: float, authority: str = TENANT, published: str = "", **claims: Any) -> OpenIdFake:
    """`authority` is the part of the URL (a tenant, common, organizations, consumers)."""
    base = f"https://login.microsoftonline.com/{authority}/v2.0"
    issuer = f"https://login.microsoftonline.com/{published or authority}/v2.0"
    tenant = claims.get("tid", TENANT)
    usual = {"tid": TENANT, "oid": "oid-1", "sub": "pairwise-1", "preferred_username": "alice@acme.example"}
    named = {"iss": f"https://login.microsoftonline.com/{tenant}/v2.0"}
    return OpenIdFake(issuer, now, base, usual | named | {"email_verified": None} | claims)


@dataclass
class GitHubFake:
    """github.com: no OpenID, errors with status 200, the account by /user and /user/emails."""

    user: dict[str, Any] = field(default_factory=lambda: {"id": 4711, "login": "alice", "name": "Alice"})
    emails: list[dict[str, Any]] = field(
        default_factory=lambda: [{"email": "alice@acme.example", "primary": True, "verified": True}]
    )
    organizations: list[dict[str, Any]] = field(default_factory=lambda: [{"login": "acme"}])
    refused: str = ""
    asked: list[str] = field(default_factory=list[str])

    def approve(self, url: str) -> str:
        asked = query_of(url)
        assert urlsplit(url).netloc == "github.com"
        return urlencode({"code": "code-1", "state": asked["state"]})

    async def __call__(self, request: Request) -> Fetched:
        assert request.json is None
        assert not request.method
        url = request.url
        self.asked.append(url)
        if url == "https://github.com/login/oauth/access_token" and request.form is not None:
            if self.refused:
                return answer({"error": self.refused, "error_description": "<b>bad</b>"})
            return answer({"access_token": "canary-access-token", "token_type": "bearer", "scope": "read:user"})
        if request.headers.get("authorization") != "Bearer canary-access-token":
            return answer({}, 401)
        path = url.removeprefix("https://api.github.com")
        known = {"/user": self.user, "/user/emails": self.emails, "/user/orgs?per_page=100": self.organizations}
        return answer(known[path]) if path in known else answer({}, 404)
