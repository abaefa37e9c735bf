"""The authorization server: what its endpoints do, whatever serves them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.identity.oauth import authorize, clients, exchange, metadata, redirects
from trunkline.identity.oauth.allowed import AllowedClients
from trunkline.identity.oauth.assertions import Assertions, Issuers, NoIssuers
from trunkline.identity.oauth.authorize import Asked, Redirected
from trunkline.identity.oauth.clients import Client
from trunkline.identity.oauth.consent import Seals
from trunkline.identity.oauth.documents import Documents, is_document_id
from trunkline.identity.oauth.exchange import Exchange
from trunkline.identity.oauth.faults import OAuthFault, invalid_client
from trunkline.identity.oauth.grants import Code, Grant, Grants
from trunkline.identity.oauth.keys import SigningKeys
from trunkline.identity.oauth.managed import Managed
from trunkline.identity.oauth.ports import Accounts, Record
from trunkline.identity.oauth.registry import Registered, Registry
from trunkline.identity.oauth.resource import reading
from trunkline.identity.oauth.throttle import Throttle
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.infra.fetch import Fetch
from trunkline.infra.http.web import Fields
from trunkline.infra.keyfile import derive

_EACH, _TOTAL, _WINDOW = 20, 200, 60.0  # registrations for an address, and for all, in so many seconds
_CLEAN_EVERY: Final = 3_600.0  # seconds


@dataclass(frozen=True, slots=True)
class Outside:
    """What the authorization server needs of others. `fetch` dials public addresses only; `issuers` vouch for users."""

    accounts: Accounts
    record: Record
    fetch: Fetch
    issuers: Issuers = field(default_factory=NoIssuers)


class AuthorizationServer:
    """`now` is in seconds since the epoch."""

    def __init__(
        self, engine: AsyncEngine, master: bytes, outside: Outside, now: Callable[[], float] = time.time
    ) -> None:
        self.keys = SigningKeys(master, now)
        self.grants = Grants(engine, derive(master, "oauth refresh tokens v1"), now)
        self.seals = Seals(derive(master, "oauth consent forms v1"), now)
        self._registry = Registry(engine, now)
        self.clients = AllowedClients(self.grants, self._registry, outside.record)
        self._documents = Documents(outside.fetch, now)
        self._exchange = Exchange(self.grants, self.keys, outside.accounts, outside.record, now)
        self._managed = Managed(
            Assertions(outside.issuers, now), self.grants, outside.accounts, outside.record, self._exchange
        )
        self._is_managed = bool(outside.issuers.trusted)
        self._record = outside.record
        self._throttle = Throttle(_EACH, _TOTAL, _WINDOW, now)
        self._now = now
        self._clean_at = 0.0

    async def asked(self, query: Fields, issuer: str, address: str) -> Asked:
        """The authorization request, checked. Raises Unsafe, Redirected, Overloaded."""
        id = authorize.client_id_of(query)
        client = await (self._documents.find(id, address) if is_document_id(id) else self._registry.find(id))
        return authorize.read(query, client, issuer)

    async def is_settled(self, asked: Asked, user: SignedIn) -> bool:
        """Whether the user need not be asked again. Raises Redirected where the client forbids to ask."""
        host = redirects.host_of(asked.redirect_uri)
        settled = (
            asked.may_remember
            and not asked.prompt & {"consent", "login", "select_account"}
            and await self._registry.consented(user.user, asked.client.id, host, asked.resource, asked.scope)
        )
        if not settled and "none" in asked.prompt:
            raise self._told(asked, OAuthFault("consent_required", "The user must be asked."))
        return settled

    def sign_in_required(self, asked: Asked) -> None:
        """Raises Redirected where the client forbids to ask the user to sign in."""
        if "none" in asked.prompt:
            raise self._told(asked, OAuthFault("login_required", "The user must sign in."))

    async def allow(self, asked: Asked, user: SignedIn, *, read_only: bool = False) -> str:
        """The user consents: where their browser goes now."""
        narrow = read_only or not reaches(user.role, Role.MEMBER)
        scope = reading(asked.scope) if narrow else asked.scope
        grant = Grant(
            secrets.token_hex(16),
            asked.client.id,
            asked.client.name,
            user.user,
            user.organization,
            user.name,
            user.session,
            scope,
            asked.resource,
            asked.issuer,
        )
        code = await self.grants.issue(Code(grant, asked.redirect_uri, asked.challenge))
        if asked.client.origin == "registered":
            await self._registry.used(asked.client.id)
        host = redirects.host_of(asked.redirect_uri)
        if asked.may_remember:
            await self._registry.remember(user.user, asked.client.id, host, asked.resource, scope)
        detail = {"client": asked.client.id, "client_name": asked.client.name, "host": host, "scope": scope}
        await self._record(user.organization, user.user, "grant.allow", grant.id, detail=detail)
        return authorize.code_location(asked, code)

    async def deny(self, asked: Asked, user: SignedIn) -> str:
        """The user refuses: where their browser goes now."""
        detail = {"client": asked.client.id, "client_name": asked.client.name}
        await self._record(user.organization, user.user, "grant.deny", outcome="refused", detail=detail)
        return self._told(asked, OAuthFault("access_denied", "The user refused.")).location

    async def token(self, authorization: str, form: Fields, issuer: str) -> dict[str, Any]:
        """The token endpoint's answer. Raises OAuthFault."""
        await self._clean()
        client = await self._client(authorization, form)
        match form.get("grant_type"):
            case "authorization_code":
                return await self._exchange.code(client, form, issuer)
            case "refresh_token":
                answer = await self._exchange.refresh(client, form, issuer)
                if client.origin == "registered":
                    await self._registry.used(client.id)
                return answer
            case clients.JWT_BEARER if self._is_managed:
                answer = await self._managed.redeem(client, form, issuer)
                await self._registry.used(client.id)
                return answer
            case _:
                raise OAuthFault("unsupported_grant_type", "Grant types: authorization_code, refresh_token.")

    async def revoke(self, authorization: str, form: Fields) -> None:
        """Raises OAuthFault for a client that is not known."""
        await self._exchange.revoke(await self._client(authorization, form), form.get("token"))

    async def register(self, body: bytes, address: str) -> Registered:
        """Raises OAuthFault, Overloaded."""
        self._throttle.take(address)
        return await self._registry.register(clients.read(body))

    def of_server(self, issuer: str) -> dict[str, Any]:
        return metadata.of_server(issuer, managed=self._is_managed)

    async def _client(self, authorization: str, form: Fields) -> Client:
        """The client of a token request. Raises OAuthFault.

        One known by a document has no secret, so its document need not be there for its tokens to be renewed.
        """
        shown = exchange.presented(authorization, form)
        if is_document_id(shown.id):
            if shown.secret:
                raise invalid_client()
            return Client(shown.id, "", (), origin="document")
        return exchange.authenticate(await self._registry.find(shown.id), shown)

    async def _clean(self) -> None:
        if self._now() >= self._clean_at:
            self._clean_at = self._now() + _CLEAN_EVERY
            await self.grants.clean()

    def _told(self, asked: Asked, fault: OAuthFault) -> Redirected:
        location = authorize.error_location(asked.redirect_uri, asked.state, asked.issuer, fault)
        return Redirected(fault, location)
