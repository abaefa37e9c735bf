"""The tools a caller sees at a URL, and how they are listed.

`/mcp` offers the meta-tools and the pinned tools of upstream servers, and calls any tool by its name;
`/mcp/t/<toolset>` offers one service, or what the caller's organization put into a toolset, and nothing else: each tool
listed, or all of them found by the meta-tools, whichever is cheaper (`menu`). A list depends on the URL, on who asks
with which client, and on what exists, never on the connection or on earlier calls (2026-07-28, server/tools).
"""

from collections.abc import Collection, Iterable
from typing import Protocol

import msgspec
import orjson

from trunkline.catalog import Catalog
from trunkline.contract import Effect, NotFound, Principal, Service, ToolCall, ToolResult, ToolSpec, quoted
from trunkline.economy.offered import Curated, Listing, Offered
from trunkline.gateway.menu import Cost, is_searched
from trunkline.gateway.param_headers import Declared, declared
from trunkline.gateway.upstreams import Upstreams, UpstreamTool
from trunkline.selection.estimate import tokens_of

Members = frozenset[str] | None
"""Ids of services and names of tools; None stands for everything."""


class Seen(Protocol):
    """What the agent of a task has in its context by now, and what it called (implemented by `work.Work`)."""

    @property
    def recent(self) -> Collection[str]: ...

    def first_described(self, what: str) -> bool: ...

    def first_shown(self, name: str) -> bool: ...


class Meta(Protocol):
    """The gateway's own tools (implemented by `gateway.meta`)."""

    @property
    def names(self) -> frozenset[str]: ...

    def definitions(self, members: Members) -> tuple[bytes, ...]:
        """As tools/list shows them where these tools can be found."""
        ...

    def cost(self, members: Members) -> Cost:
        """Of listing these tools of the catalog."""
        ...

    async def listings(self, caller: Principal) -> tuple[int, int]:
        """Tokens of listing all tools, and all tools of the services that `caller` has connected."""
        ...

    async def run(self, name: str, arguments: bytes, caller: "Caller", seen: "Seen") -> ToolResult: ...

    def unwrap(self, name: str, arguments: bytes) -> ToolCall | None: ...


class Toolset(msgspec.Struct, frozen=True):
    """What one URL offers, and how."""

    name: str = ""
    members: Members = None
    listing: Listing = "auto"

    @property
    def searchable(self) -> bool:
        """Whether the meta-tools answer here."""
        return self.members is None or self.listing != "direct"

    def admits(self, spec: ToolSpec) -> bool:
        return self.members is None or spec.service in self.members or spec.name in self.members


class Caller(msgspec.Struct, frozen=True):
    """Who calls, and at which URL. `reading`: with a credential that is for reading alone."""

    principal: Principal
    toolset: Toolset
    reading: bool = False

    def is_same(self, other: "Caller") -> bool:
        """Whether it is the same caller at the same URL, whatever each credential covers."""
        return self.principal == other.principal and self.toolset == other.toolset


class Target(msgspec.Struct, frozen=True):
    """A tool as found: of the catalog, or of an upstream server. `headers` are the arguments sent as headers too."""

    spec: ToolSpec
    service: Service
    upstream: bool
    headers: tuple[Declared, ...]


class Toolsets:
    """Finds toolsets by URL name and tools by wire name; lists what a toolset offers."""

    def __init__(
        self,
        meta: Meta,
        upstreams: Upstreams,
        catalog: Catalog,
        curated: Curated,
    ) -> None:
        self.meta = meta
        self._upstreams = upstreams
        self._catalog = catalog
        self._curated = curated
        self._everything = Toolset()
        self._known: dict[str, Target] = {}  # of the upstream tools `_known_of`, and of what is loaded of the catalog
        self._known_of: tuple[UpstreamTool, ...] = ()

    async def find(self, organization: str, name: str, listing: Listing | None = None) -> Toolset:
        """The toolset of `/mcp/t/<name>`, or of `/mcp` for ""; `listing` is how this client wants it. Raises NotFound.

        What an organization made comes before a service of that name.
        """
        if not name:
            return self._everything
        offered = await self._curated.find(organization, name)
        if offered is None:
            if not self.is_service(name):
                raise NotFound(f"There is no toolset {quoted(name)}.", "Use /mcp, or /mcp/t/<service>.")
            offered = Offered(frozenset((name,)))
        return Toolset(name, offered.members, listing or offered.listing)

    def is_service(self, id: str) -> bool:
        return id in self._catalog.services or any(tool.service.id == id for tool in self._upstreams.tools())

    def known(self, name: str) -> Target | None:
        """The tool, if it can be told without waiting."""
        tools = self._upstreams.tools()
        if tools is not self._known_of:
            self._known, self._known_of = {}, tools
        target = self._known.get(name)
        if target is None:
            target = self._look_up(name)
            if target is not None:
                self._known[name] = target
        return target

    def _look_up(self, name: str) -> Target | None:
        spec = self._catalog.peek(name)
        if spec is not None:
            return self._compiled(spec)
        return self._upstream(name) if self._catalog.lacks(name) else None

    async def target(self, toolset: Toolset, name: str, found: Target | None = None) -> Target:
        """The tool with this name; `found` if that is known already. Raises NotFound.

        An upstream server cannot take a name of the catalog's: its calls carry other people's credentials.
        """
        target = found or self.known(name)
        if target is None:
            spec = await self._of_catalog(name)
            target = self._upstream(name) if spec is None else self._compiled(spec)
        if target is None:
            target = self._compiled(await self._catalog.tool(name))  # raises NotFound, with what has a similar name
        if toolset.members is not None and not toolset.admits(target.spec):
            text = f"The toolset {toolset.name!r} has no tool {quoted(name)}."
            raise NotFound(text, "Use a name that tools/list shows.")
        return target

    def _compiled(self, spec: ToolSpec) -> Target:
        return Target(spec, self._catalog.services[spec.service], False, declared(spec.input_schema))

    def _upstream(self, name: str) -> Target | None:
        tool = self._upstreams.find(name)
        return None if tool is None else Target(tool.spec, tool.service, True, declared(tool.spec.input_schema))

    async def _of_catalog(self, name: str) -> ToolSpec | None:
        service = self._catalog.service_of(name)
        return None if service is None else (await self._catalog.integration(service.id)).tool(name)

    def stamp(self) -> tuple[object, ...]:
        """Equal as long as there are the same tools."""
        return (self._catalog.version, self._upstreams.tools())

    def cost(self, toolset: Toolset) -> Cost:
        """Of listing every tool of the toolset."""
        listed = [tool.definition for tool in self._upstreams.tools() if toolset.admits(tool.spec)]
        return self.meta.cost(toolset.members) + Cost(len(listed), sum(map(tokens_of, listed)))

    def is_searched(self, toolset: Toolset, client: str) -> bool:
        """Whether `client` is shown the meta-tools instead of the toolset's own."""
        return toolset.members is None or is_searched(toolset.listing, self.cost(toolset), client)

    async def definitions(self, toolset: Toolset, *, searched: bool) -> tuple[bytes, ...]:
        """The JSON texts of the `Tool`s that are listed, by name."""
        listed = [tool for tool in self._upstreams.tools() if _lists(toolset, tool)]
        named = {tool.spec.name: tool.definition for tool in listed if await self._of_catalog(tool.spec.name) is None}
        if searched or toolset.members is None:
            named |= {_name_of(text): text for text in self.meta.definitions(toolset.members)}
        else:
            named |= {spec.name: definition(spec) for spec in await self._members(toolset.members)}
        return tuple(named[name] for name in sorted(named))

    async def _members(self, members: Iterable[str]) -> list[ToolSpec]:
        found: list[ToolSpec] = []
        for member in members:
            if member in self._catalog.services:
                integration = await self._catalog.integration(member)
                found += [spec for name in integration.names if (spec := integration.tool(name)) is not None]
            elif (spec := await self._of_catalog(member)) is not None:
                found.append(spec)
        return found


def _lists(toolset: Toolset, tool: UpstreamTool) -> bool:
    """Of a toolset all upstream tools, for the meta-tools find those of the catalog."""
    return tool.pinned if toolset.members is None else toolset.admits(tool.spec)


def definition(spec: ToolSpec) -> bytes:
    """The JSON text of a catalog tool's `Tool` for tools/list."""
    annotations: dict[str, object] = {"readOnlyHint": spec.effect.read_only, "openWorldHint": True}
    if not spec.effect.read_only:  # the other two say nothing about a tool that only reads
        annotations |= {"destructiveHint": spec.effect is Effect.DELETE, "idempotentHint": spec.idempotent}
    return orjson.dumps(
        {
            "name": spec.name,
            "title": spec.title,
            "description": spec.description,
            "inputSchema": orjson.Fragment(spec.input_schema),
            "annotations": annotations,
        }
    )


class _Named(msgspec.Struct):
    name: str


def _name_of(text: bytes) -> str:
    return msgspec.json.decode(text, type=_Named).name


__all__ = ["Caller", "Meta", "Target", "Toolset", "Toolsets", "UpstreamTool", "definition"]
