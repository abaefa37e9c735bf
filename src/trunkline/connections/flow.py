"""Connecting a service: consent at its OAuth provider, or a key that a person pastes."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from trunkline.connections import answers
from trunkline.connections.apps import REDIRECT_NAME, Apps, ServiceConfig
from trunkline.connections.attempts import Attempt, Attempts, challenge
from trunkline.connections.grants import Consent, Grants
from trunkline.connections.live import LiveConnections
from trunkline.connections.refresh import Events
from trunkline.connections.store import StoredConnections
from trunkline.connections.token_endpoint import App, TokenEndpoint, TokenRefused, Tokens
from trunkline.contract import (
    AuthScheme,
    InvalidArguments,
    NotFound,
    PolicyDenied,
    Principal,
    Service,
)
from trunkline.infra.clock import Clock

CALLBACK: Final = "/connect/callback"
_ADMINS: Final = ("admin", "owner")
_AGAIN: Final = "Begin again on the service's connect page."


class Visitor(msgspec.Struct, frozen=True):
    """Who is in front of the browser. `session` is the browser's; empty on the command line."""

    principal: Principal
    role: str
    session: str = ""


class Wish(msgspec.Struct, frozen=True):
    """What is to be connected: for everybody (`shared`) or for oneself; `variables` of service and provider."""

    service: Service
    shared: bool = False
    variables: dict[str, str] = {}


class Connected(msgspec.Struct, frozen=True):
    """What came of it. `account` is who it is at the service, empty where it does not say."""

    service: str
    account: str
    shared: bool


class Parts(msgspec.Struct, frozen=True):
    """What the flow works with."""

    store: StoredConnections
    live: LiveConnections
    grants: Grants
    apps: Apps
    attempts: Attempts
    endpoint: TokenEndpoint
    events: Events
    clock: Clock


class Flow:
    """`services` are all there are, by id; `origin` is ours: providers send browsers back there."""

    def __init__(self, parts: Parts, services: Mapping[str, Service], origin: str) -> None:
        self._parts = parts
        self._services = services
        self._origin = origin
        self._learned = answers.Learned(parts.endpoint)

    async def scheme(self, organization: str, service: Service) -> AuthScheme | None:
        """The OAuth way of `service` that the organization has an app for."""
        for scheme in service.auth:
            if scheme.oauth2 and await self._parts.apps.has(organization, scheme.oauth2):
                return scheme
        return None

    async def begin(self, visitor: Visitor, wish: Wish) -> str:
        """Where the browser goes: the provider's consent page, or our own page when none is needed.

        Raises PolicyDenied, InvalidArguments, NotFound; and what the token endpoint raises.
        """
        config = await self.allowed(visitor, wish)
        scheme = await self.scheme(visitor.principal.organization, wish.service)
        if scheme is None:
            raise NotFound(f"No OAuth app is configured for {wish.service.title}.", _no_app(wish.service))
        app = await self._app(visitor.principal, scheme.oauth2, wish.variables)
        scopes, asked = await self._asked(visitor, wish, scheme, config)
        if app.provider.grant == "client_credentials":
            try:
                tokens = await self._parts.endpoint.client_credentials(app, scopes)
            except TokenRefused as refused:
                raise refused.fault() from None
            await self._keep(visitor.principal, wish, app, tokens, asked)
            return f"{self._origin}/connect/{wish.service.id}?done=1"
        verifier = secrets.token_urlsafe(48)
        attempt = Attempt(
            visitor.principal,
            visitor.session,
            app.provider.id,
            wish.service.id,
            wish.shared,
            wish.variables,
            asked,
            verifier,
        )
        state = await self._parts.attempts.begin(attempt)
        return self._authorize(app, scopes, state, verifier)

    async def finish(self, visitor: Visitor, provider: str, query: Mapping[str, str]) -> Connected:
        """The provider has sent the browser back. Raises PolicyDenied for an answer that is not this browser's."""
        attempt = await self._parts.attempts.take(query.get("state", ""))
        if attempt is None or attempt.provider != provider or not _is_of(attempt, visitor):
            await self._refused(visitor.principal, provider, "an answer of another browser, or a second time")
            raise PolicyDenied("This answer belongs to no consent that was begun in this browser.", _AGAIN)
        service = self._services[attempt.service]
        if "code" not in query:
            await self._refused(visitor.principal, service.connection, _word(query.get("error", "")))
            raise InvalidArguments(f"{service.title} was not connected: {_word(query.get('error', ''))}.", _AGAIN)
        app = await self._app(visitor.principal, provider, attempt.variables)
        _check_answer(app, query)
        redirect = self._redirect(app)
        try:
            tokens = await self._parts.endpoint.exchange(app, query["code"], attempt.verifier, redirect)
        except TokenRefused as refused:
            await self._refused(visitor.principal, service.connection, refused.message)
            raise refused.fault() from None
        found = {name: query[key] for key, name in app.provider.callback.items() if key in query}
        wish = Wish(service, attempt.shared, {**attempt.variables, **found})
        return await self._keep(visitor.principal, wish, app, tokens, attempt.asked)

    async def with_key(self, visitor: Visitor, wish: Wish, values: Mapping[str, str]) -> Connected:
        """Connects with what a person pasted. Raises PolicyDenied, InvalidArguments, KeysUnavailable."""
        await self.allowed(visitor, wish)
        await self._parts.store.save(
            visitor.principal, wish.service, values, shared=wish.shared, variables=wish.variables
        )
        return await self._connected(visitor.principal, wish, "")

    async def allowed(self, visitor: Visitor, wish: Wish) -> ServiceConfig:
        """What an admin said of the service. Raises PolicyDenied where that, or the role, forbids the wish."""
        config = await self._parts.apps.config(visitor.principal.organization, wish.service.connection)
        if wish.shared and visitor.role not in _ADMINS:
            raise PolicyDenied("Only an admin connects a service for everybody.", "Connect it for yourself.")
        if not wish.shared and config.who == "shared":
            raise PolicyDenied(f"{wish.service.title} is connected for everybody by an admin.", "Ask an admin.")
        if wish.shared and config.who == "personal" and config.said:
            raise PolicyDenied(f"Everybody connects {wish.service.title} for themselves.", "An admin has said so.")
        return config

    async def _asked(
        self, visitor: Visitor, wish: Wish, scheme: AuthScheme, config: ServiceConfig
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The scopes to ask for, and those that the consent then stands for.

        A family is connected once, so what its other services were granted is asked for again. Scopes that an admin
        chose stand for whatever the service would need.
        """
        grant = await self._parts.grants.of(visitor.principal, wish.service.connection, shared=wish.shared)
        before = grant.asked if grant is not None and grant.provider == scheme.oauth2 else ()
        facts = self._parts.apps.providers.find(scheme.oauth2)
        asked = tuple(dict.fromkeys((*facts.scopes, *before, *(config.scopes or scheme.scopes))))
        return asked, tuple(dict.fromkeys((*asked, *scheme.scopes)))

    def _authorize(self, app: App, scopes: tuple[str, ...], state: str, verifier: str) -> str:
        """The URL of the consent page (RFC 6749 section 4.1.1)."""
        provider = app.provider
        values = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": self._redirect(app),
            "state": state,
            **provider.authorize_parameters,
        }
        if scopes and provider.scope_parameter:
            values[provider.scope_parameter] = provider.separator.join(scopes)
        if provider.pkce:
            values |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        return f"{provider.filled(provider.authorize, app.variables)}?{urlencode(values)}"

    def _redirect(self, app: App) -> str:
        """Each provider sends to a place of its own, so that none can pass for another (RFC 9700 section 4.4.2)."""
        if app.provider.redirect == "configured":
            return app.variables.get(REDIRECT_NAME, "")
        return f"{self._origin}{CALLBACK}/{app.provider.id}"

    async def _app(self, principal: Principal, provider: str, variables: Mapping[str, str]) -> App:
        app = await self._parts.apps.find(principal.organization, provider)
        if app is None:
            raise NotFound(f"No OAuth app is configured for {provider}.", "An admin configures one.")
        return app.with_variables(variables)

    async def _keep(
        self, principal: Principal, wish: Wish, app: App, tokens: Tokens, asked: tuple[str, ...]
    ) -> Connected:
        """Looks up what there is to know, then stores token and grant."""
        provider, service, parts = app.provider, wish.service, self._parts
        learned, shown = dict(wish.variables), ""
        if provider.instance is not None:
            learned |= answers.instance(provider.instance, provider.title, tokens)
        if provider.tenants is not None:
            name = provider.tenants.variable
            tenant, shown = await self._learned.tenant(app, tokens.access, learned.get(name, ""))
            learned |= {name: tenant} if tenant else {}
        account = await self._learned.account(app, tokens.access) or shown
        known = {name: value for name, value in learned.items() if name in service.variables}
        field = next(scheme for scheme in service.auth if scheme.oauth2 == provider.id).fields[0]
        ref = await parts.store.save(
            principal, service, {field: tokens.access}, shared=wish.shared, variables=known
        )  # fmt: skip
        used = {name: value for name, value in wish.variables.items() if name in provider.variables}
        ends = parts.clock.now() + tokens.expires_in if tokens.expires_in else 0.0
        consent = Consent(provider.id, account, asked, used)
        await parts.grants.put(ref, principal.organization, consent, tokens.refresh, ends)
        return await self._connected(principal, wish, account)

    async def _connected(self, principal: Principal, wish: Wish, account: str) -> Connected:
        parts, service = self._parts, wish.service
        config = await parts.apps.config(principal.organization, service.connection)
        if wish.shared and not config.said:  # an admin who connects for everybody says that everybody may use it
            said = ServiceConfig("either", config.scopes)
            await parts.apps.configure(principal.organization, service.connection, said, parts.clock.now())
        parts.live.forget()
        detail = {"account": account, "for": "everybody" if wish.shared else "oneself"}
        await parts.events.record(
            principal.organization, principal.subject, "connection.create", service.connection, detail=detail
        )
        return Connected(service.id, account, wish.shared)

    async def _refused(self, principal: Principal, target: str, reason: str) -> None:
        await self._parts.events.record(
            principal.organization,
            principal.subject,
            "connection.create",
            target,
            outcome="refused",
            detail={"reason": reason},
        )


def _is_of(attempt: Attempt, visitor: Visitor) -> bool:
    begun, now = attempt.principal, visitor.principal
    mine = (begun.subject, begun.organization) == (now.subject, now.organization)
    return mine and attempt.session == visitor.session


def _check_answer(app: App, query: Mapping[str, str]) -> None:
    """Raises PolicyDenied where the redirect is not the provider's (RFC 9207; Shopify's hmac)."""
    issuer = app.provider.issuer
    if issuer and query.get("iss", issuer) != issuer:
        raise PolicyDenied(f"This answer is not {app.provider.title}'s.", _AGAIN)
    if app.provider.callback_hmac:
        signed = "&".join(f"{key}={value}" for key, value in sorted(query.items()) if key != "hmac")
        good = hmac.new(app.client_secret.encode(), signed.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(good.encode(), query.get("hmac", "").encode()):
            raise PolicyDenied(f"This answer is not signed by {app.provider.title}.", _AGAIN)


def _word(error: str) -> str:
    """An error code of the provider's, if it is one: nothing else of the answer is shown."""
    return error if error.isidentifier() and error.isascii() and len(error) < 40 else "the provider refused"


def _no_app(service: Service) -> str:
    families = ", ".join(dict.fromkeys(scheme.oauth2 for scheme in service.auth if scheme.oauth2))
    if not families:
        return "Connect it with a key."
    return f"An admin configures one with `trunkline apps add {families}`; or connect with a token."
