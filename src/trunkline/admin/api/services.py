"""Services, and the tools of each: what the catalog holds, and how the asking user stands to it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta

from trunkline.admin.api.connections import principal_of
from trunkline.admin.api.endpoint import Endpoint, Given, Page, Word
from trunkline.admin.api.paging import paged
from trunkline.catalog import Catalog
from trunkline.catalog.origin import Origin
from trunkline.connections import Connections
from trunkline.contract import Category, Effect, NotFound, Service, ToolSpec
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

PAGE_SIZE: Final = 60
Status = Literal["connected", "open", "available"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_NAME: Final = r"^[a-z][a-z0-9-]{0,23}$"
ServiceId = Annotated[str, Meta(pattern=_NAME, examples=["github"])]
ToolName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["github_create_issue"])]


class ServicesQuery(Given, frozen=True):
    """`search` is looked for in names and summaries."""

    search: Word = ""
    category: Category | None = None
    status: Status | None = None
    page: Page = 1


class ServiceCard(msgspec.Struct, frozen=True):
    """`status`: connected for whoever asks, open (needs no credential), or available to be connected."""

    id: str
    title: str
    summary: str
    category: str
    tools: int
    status: Status


class ServiceList(msgspec.Struct, frozen=True):
    """One page of `total`, by title; of a search, those whose name fits come first."""

    services: tuple[ServiceCard, ...]
    total: int
    page: int
    pages: int


class OneService(Given, frozen=True):
    service: ServiceId


class Way(msgspec.Struct, frozen=True):
    """A way to connect; `provider` is the OAuth provider's id, empty for keys."""

    kind: str
    provider: str
    scopes: tuple[str, ...]


class ServiceDetail(msgspec.Struct, frozen=True):
    """Everything about a service but its tools."""

    card: ServiceCard
    vendor: str
    base_url: str
    hosts: tuple[str, ...]
    aliases: tuple[str, ...]
    family: str
    ways: tuple[Way, ...]
    verified_by: str  # the tool that tells whether a credential is good; empty where there is none
    digest: str
    origin: Origin | None


class ToolsQuery(Given, frozen=True):
    service: ServiceId
    search: Word = ""
    effect: Effect | None = None
    page: Page = 1


class ToolCard(msgspec.Struct, frozen=True):
    name: str
    title: str
    effect: Effect
    tokens: int  # of its signature, as find_tools shows it
    deprecated: bool


class ToolList(msgspec.Struct, frozen=True):
    """One page of `total`, by name."""

    tools: tuple[ToolCard, ...]
    total: int
    page: int
    pages: int


class OneTool(Given, frozen=True):
    tool: ToolName


class ToolDetail(msgspec.Struct, frozen=True):
    """`schema` is the JSON Schema of its arguments, as describe_tools shows it."""

    card: ToolCard
    service: str
    description: str
    operation: str
    signature: str
    listing_tokens: int
    idempotent: bool
    keep: tuple[str, ...]
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Services:
    """`origin` finds out where a service's description comes from."""

    catalog: Catalog
    connections: Connections
    origin: Callable[[Service], Awaitable[Origin | None]]

    def endpoints(self) -> Iterable[Endpoint]:
        viewer = Role.VIEWER
        yield Endpoint("GET", "/services", viewer, "Services", self.list, ServicesQuery, ServiceList)
        yield Endpoint("GET", "/services/{service}", viewer, "A service", self.show, OneService, ServiceDetail)
        yield Endpoint("GET", "/services/{service}/tools", viewer, "Its tools", self.tools, ToolsQuery, ToolList)
        yield Endpoint("GET", "/tools/{tool}", viewer, "A tool", self.tool, OneTool, ToolDetail)

    async def list(self, by: SignedIn, given: ServicesQuery) -> ServiceList:
        connected = await self._connected(by)
        found = [
            card
            for service in self.catalog.services.values()
            if given.category in (None, service.category) and _mentions(service, given.search)
            if given.status in (None, (card := _card(service, connected)).status)
        ]
        found.sort(key=lambda card: (_rank(card, given.search.lower().strip()), card.title.lower()))
        return ServiceList(*paged(found, given.page, PAGE_SIZE))

    async def show(self, by: SignedIn, given: OneService) -> ServiceDetail:
        """Raises NotFound."""
        service = self._service(given.service)
        ways = tuple(Way(scheme.kind.value, scheme.oauth2, scheme.scopes) for scheme in service.auth)
        return ServiceDetail(
            _card(service, await self._connected(by)), service.vendor, service.base_url, service.hosts,
            service.aliases, service.family, ways, service.verify, service.digest, await self.origin(service),
        )  # fmt: skip

    async def tools(self, _by: SignedIn, given: ToolsQuery) -> ToolList:
        """Raises NotFound."""
        loaded = await self.catalog.integration(self._service(given.service).id)
        words = given.search.lower().replace(" ", "_")
        names = sorted(name for name in loaded.names if words in name.lower())
        if given.effect is not None:  # only then is every row read
            names = [name for name in names if (spec := loaded.tool(name)) and spec.effect is given.effect]
        shown, *numbers = paged(names, given.page, PAGE_SIZE)
        specs = [spec for name in shown if (spec := loaded.tool(name)) is not None]
        return ToolList(tuple(map(_tool_card, specs)), *numbers)

    async def tool(self, _by: SignedIn, given: OneTool) -> ToolDetail:
        """Raises NotFound."""
        spec = await self.catalog.tool(given.tool)
        return ToolDetail(
            _tool_card(spec), spec.service, spec.description, spec.operation, spec.signature, spec.listing_tokens,
            spec.idempotent, spec.keep, msgspec.json.decode(spec.input_schema),
        )  # fmt: skip

    def _service(self, id: str) -> Service:
        service = self.catalog.services.get(id)
        if service is None:
            raise NotFound(f"There is no service {id!r}.", "The services page lists them.")
        return service

    async def _connected(self, by: SignedIn) -> frozenset[str]:
        return await self.connections.connected(principal_of(by))


def _card(service: Service, connected: frozenset[str]) -> ServiceCard:
    status: Status = "connected" if service.connection in connected else "available" if service.auth else "open"
    return ServiceCard(service.id, service.title, service.summary, service.category, service.tools, status)


def _mentions(service: Service, search: str) -> bool:
    text = " ".join((service.id, service.title, service.summary, service.vendor, *service.aliases)).lower()
    return all(word in text for word in search.lower().split())


def _rank(card: ServiceCard, search: str) -> int:
    """Names that begin with what is looked for, then those that hold it, then the others."""
    names = (card.id, card.title.lower())
    return 0 if any(name.startswith(search) for name in names) else 1 if any(search in name for name in names) else 2


def _tool_card(spec: ToolSpec) -> ToolCard:
    return ToolCard(spec.name, spec.title, spec.effect, spec.signature_tokens, spec.deprecated)
