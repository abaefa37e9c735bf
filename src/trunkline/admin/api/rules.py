"""Who connects a service, and through which OAuth app: what an admin says of it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from trunkline.admin.api.connections import principal_of
from trunkline.admin.api.endpoint import Endpoint, Given, Nothing, Word
from trunkline.admin.api.services import OneService, ServiceId
from trunkline.connections.apps import ServiceConfig, Who
from trunkline.connections.configure import Configure
from trunkline.connections.flow import CALLBACK, Parts
from trunkline.contract import InvalidArguments, NotFound, Service
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

Text = Annotated[str, Meta(min_length=1, max_length=2048, pattern=r"^[\x20-\x7e]*$")]
Scopes = Annotated[tuple[Word, ...], Meta(max_length=100)]
Values = Annotated[dict[str, Word], Meta(max_length=20)]


class NewRule(Given, frozen=True):
    """`scopes` are asked for in the place of the service's own; none: those."""

    service: ServiceId
    who: Who
    scopes: Scopes = ()


class NewApp(Given, frozen=True):
    """The provider is the service's; `variables` are those the provider's addresses have."""

    service: ServiceId
    client_id: Text
    client_secret: Text
    variables: Values = msgspec.field(default_factory=dict[str, str])

    def __repr__(self) -> str:
        return f"NewApp({self.service!r}, {self.client_id!r})"


class OAuthApp(msgspec.Struct, frozen=True):
    """The organization's app at a provider: everything but its secret. `client_id` is empty where there is none yet.

    `redirect_url` is to be registered at the provider, `register` is where.
    """

    provider: str
    title: str
    redirect_url: str
    register: str
    client_id: str = ""
    variables: dict[str, str] = {}
    wanted: tuple[str, ...] = ()  # the variables there are


class Rule(msgspec.Struct, frozen=True):
    """`said`: whether an admin has said anything. `shared_with` are the other services that it holds for too."""

    service: str
    who: Who
    scopes: tuple[str, ...]
    said: bool
    shared_with: tuple[str, ...]
    app: OAuthApp | None


@dataclass(frozen=True, slots=True)
class Rules:
    """`parts` opens the connections; `url` is ours."""

    parts: Callable[[], Awaitable[Parts]]
    services: Mapping[str, Service]
    url: str

    def endpoints(self) -> Iterable[Endpoint]:
        path, admin = "/services/{service}", Role.ADMIN
        yield Endpoint("GET", f"{path}/rule", admin, "Who connects a service", self.show, OneService, Rule)
        yield Endpoint("POST", f"{path}/rule", admin, "Says who connects it", self.save, NewRule, Rule)
        yield Endpoint("POST", f"{path}/app", admin, "Stores its OAuth app", self.save_app, NewApp, Rule)
        yield Endpoint("DELETE", f"{path}/app", admin, "Forgets its OAuth app", self.remove_app, OneService, Nothing)

    async def show(self, by: SignedIn, given: OneService) -> Rule:
        """Raises NotFound."""
        service, parts = self._service(given.service), await self.parts()
        config = await parts.apps.config(by.organization, service.connection)
        others = sorted(
            each.title for each in self.services.values() if each.connection == service.connection and each != service
        )
        app = await self._app(parts, by.organization, _provider(service))
        return Rule(service.id, config.who, config.scopes, config.said, tuple(others), app)

    async def save(self, by: SignedIn, given: NewRule) -> Rule:
        """Raises NotFound, InvalidArguments."""
        service = self._service(given.service)
        await Configure(await self.parts()).allow(principal_of(by), service, ServiceConfig(given.who, given.scopes))
        return await self.show(by, OneService(given.service))

    async def save_app(self, by: SignedIn, given: NewApp) -> Rule:
        """Raises NotFound, InvalidArguments, KeysUnavailable."""
        provider = _required(self._service(given.service))
        client = (given.client_id.strip(), given.client_secret.strip())
        await Configure(await self.parts()).save_app(principal_of(by), provider, client, given.variables)
        return await self.show(by, OneService(given.service))

    async def remove_app(self, by: SignedIn, given: OneService) -> Nothing:
        """Raises NotFound."""
        provider = _required(self._service(given.service))
        await Configure(await self.parts()).remove_app(principal_of(by), provider)
        return Nothing()

    async def _app(self, parts: Parts, organization: str, provider: str) -> OAuthApp | None:
        if not provider:
            return None
        facts = parts.apps.providers.find(provider)
        empty = OAuthApp(
            provider, facts.title, f"{self.url}{CALLBACK}/{provider}", facts.register, wanted=tuple(facts.variables)
        )
        for one in await parts.apps.list(organization):
            if one.provider == provider:
                return msgspec.structs.replace(empty, client_id=one.client_id, variables=one.variables)
        return empty

    def _service(self, id: str) -> Service:
        service = self.services.get(id)
        if service is None:
            raise NotFound(f"There is no service {id!r}.", "The services page lists them.")
        return service


def _provider(service: Service) -> str:
    return next((scheme.oauth2 for scheme in service.auth if scheme.oauth2), "")


def _required(service: Service) -> str:
    """Raises InvalidArguments."""
    provider = _provider(service)
    if not provider:
        raise InvalidArguments(f"{service.title} has no OAuth.", "Connect it with a key.")
    return provider
