"""OpenID providers: any, Google, Microsoft. They differ in which issuer is right and in what names a person."""

import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final, Protocol
from urllib.parse import quote_plus

from trunkline.contract import Unauthenticated, UpstreamFailed
from trunkline.identity.accounts import Person
from trunkline.identity.signin.id_token import Expected, claims, kid_of
from trunkline.identity.signin.metadata import Metadata, Published
from trunkline.identity.signin.provider import Leaving, Returned, exchange, not_let_in, query_url, text
from trunkline.identity.signin.settings import PERSONAL_TENANT, Provider
from trunkline.infra.fetch import Fetch, Request

_Claims = dict[str, Any]
_MORE: Final = ("email", "email_verified", "name", "preferred_username")


class Dialect(Protocol):
    """A provider's own rules."""

    @property
    def base(self) -> str:
        """What its metadata lies below."""
        ...

    def is_issuer(self, published: str) -> bool:
        """Whether the metadata is of the provider that was configured."""
        ...

    def check(self, found: _Claims, published: str) -> None:
        """Raises Unauthenticated for a token of another issuer, PolicyDenied for an account that is not let in."""
        ...

    def key(self, found: _Claims) -> tuple[str, str]:
        """Issuer and subject: what the account is known by for ever."""
        ...

    def email(self, found: _Claims) -> str:
        """The address, if it was verified."""
        ...


class OpenId:
    """Any provider that publishes metadata: the issuer is the one that was configured, character by character."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.base = provider.url

    def is_issuer(self, published: str) -> bool:
        return published == self.base

    def check(self, found: _Claims, published: str) -> None:
        if found.get("iss") != published:
            raise _other_issuer()
        domains = self._provider.domains
        if domains and self.email(found).rpartition("@")[2].lower() not in domains:
            raise not_let_in(self._provider)

    def key(self, found: _Claims) -> tuple[str, str]:
        return self.base, found["sub"]

    def email(self, found: _Claims) -> str:
        return text(found, "email") if found.get("email_verified") is True else ""


class Google(OpenId):
    """https://developers.google.com/identity/openid-connect/openid-connect: `hd` is the Workspace, if there is one."""

    def check(self, found: _Claims, published: str) -> None:
        if found.get("iss") not in (published, published.removeprefix("https://")):
            raise _other_issuer()
        domains = self._provider.domains
        if domains and (text(found, "hd").lower() not in domains or not self.email(found)):
            raise not_let_in(self._provider)


class Microsoft:
    """https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference: keyed on tid and oid.

    The issuer names the tenant, and the metadata of several tenants says `{tenantid}` in its place. A tenant's
    administrator can write any address into the e-mail claim, so it is never looked at.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.base = f"{provider.url}/{self._authority()}/v2.0"

    def _authority(self) -> str:
        tenants, personal = self._provider.tenants, self._provider.personal
        if personal:
            return "common" if tenants else "consumers"
        return next(iter(tenants)) if len(tenants) == 1 else "organizations"

    def is_issuer(self, published: str) -> bool:
        url = self._provider.url
        return published in (self.base, self._of("{tenantid}"), self._of(PERSONAL_TENANT)) and published.startswith(url)

    def check(self, found: _Claims, published: str) -> None:
        tenant = text(found, "tid")
        if not tenant or found.get("iss") != self._of(tenant) or not text(found, "oid"):
            raise _other_issuer()
        let_in = self._provider.personal if tenant == PERSONAL_TENANT else tenant in self._provider.tenants
        if not let_in:
            raise not_let_in(self._provider)

    def key(self, found: _Claims) -> tuple[str, str]:
        return self._of(found["tid"]), found["oid"]

    def email(self, found: _Claims) -> str:
        return ""

    def _of(self, tenant: str) -> str:
        return f"{self._provider.url}/{tenant}/v2.0"


_DIALECTS: Final[dict[str, Callable[[Provider], Dialect]]] = {"oidc": OpenId, "google": Google, "microsoft": Microsoft}


class OpenIdDoor:
    """Code flow with PKCE, nonce and the issuer's name in the answer (OpenID Connect Core, RFC 7636, RFC 9207)."""

    def __init__(
        self, provider: Provider, fetch: Fetch, published: Published, now: Callable[[], float] = time.time
    ) -> None:
        self.provider = provider
        self._dialect = _DIALECTS[provider.kind](provider)
        self._fetch = fetch
        self._published = published
        self._now = now

    async def leave(self, leaving: Leaving) -> str:
        metadata = await self._metadata()
        return query_url(
            metadata.authorization_endpoint,
            {
                "response_type": "code",
                "client_id": self.provider.client_id,
                "redirect_uri": leaving.redirect_uri,
                "scope": " ".join(self.provider.scopes),
                "state": leaving.state,
                "nonce": leaving.nonce,
                "code_challenge": leaving.challenge,
                "code_challenge_method": "S256",
            },
        )

    async def person(self, returned: Returned) -> Person:
        metadata = await self._metadata()
        named = returned.issuer or metadata.authorization_response_iss_parameter_supported
        if named and returned.issuer != metadata.issuer:
            raise _other_issuer()
        tokens = await self._exchange(metadata, returned)
        found = await self._claims(metadata, text(tokens, "id_token"), returned.nonce)
        if not text(found, "email") and metadata.userinfo_endpoint:
            found = found | await self._more(metadata, text(tokens, "access_token"), found["sub"])
        self._dialect.check(found, metadata.issuer)
        issuer, subject = self._dialect.key(found)
        label = text(found, "email") or text(found, "preferred_username") or text(found, "name") or subject
        email = self._dialect.email(found)
        return Person(issuer, subject, self.provider.id, text(found, "name"), email, label)

    async def _metadata(self) -> Metadata:
        metadata = await self._published.metadata(self._dialect.base)
        if not self._dialect.is_issuer(metadata.issuer):
            raise UpstreamFailed("The provider's metadata is of another issuer.", "Check url in [[sign_in]].")
        return metadata

    async def _exchange(self, metadata: Metadata, returned: Returned) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": returned.code,
            "redirect_uri": returned.redirect_uri,
            "code_verifier": returned.verifier,
        }
        headers: dict[str, str] = {}
        id, secret = self.provider.client_id, self.provider.secret.reveal()
        if not secret:
            form["client_id"] = id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(id)}:{quote_plus(secret)}"  # RFC 6749 section 2.3.1
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": id, "client_secret": secret}
        return await exchange(self._fetch, metadata.token_endpoint, form, headers)

    async def _claims(self, metadata: Metadata, token: str, nonce: str) -> _Claims:
        keys = await self._published.keys(metadata.jwks_uri, kid_of(token))
        expected = Expected(self.provider.client_id, nonce, self._now())
        return claims(token, keys, metadata.id_token_signing_alg_values_supported, expected)

    async def _more(self, metadata: Metadata, access_token: str, subject: str) -> _Claims:
        """Address and name, where the ID token leaves them out. They must be of the same person."""
        answer = await self._fetch(
            Request(metadata.userinfo_endpoint, headers={"authorization": f"Bearer {access_token}"})
        )
        found = answer.json() if answer.status == 200 else {}
        if found and found.get("sub") != subject:
            raise Unauthenticated("The provider spoke of two different people.", "Sign in again.")
        return {name: found[name] for name in _MORE if name in found}


def _other_issuer() -> Unauthenticated:
    return Unauthenticated("The answer came from another issuer than the one that was asked.", "Sign in again.")
