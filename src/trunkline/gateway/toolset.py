"""The tools a caller sees at a URL, and how they are listed.

`/mcp` offers the meta-tools and the pinned tools of upstream servers, and calls any tool by its name;
`/mcp/t/<toolset>` offers one service, or what a configured toolset names, and nothing else. A list depends on the URL
and on what exists, never on the connection or on earlier calls (2026-07-28, server/tools).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

import msgspec
import orjson

from trunkline.catalog import Catalog
from trunkline.contract import Effect, NotFound, Principal, Service, ToolCall, ToolResult, ToolSpec, quoted
from trunkline.gateway.param_headers import Declared, declared
from trunkline.gateway.upstreams import Upstreams, UpstreamTool

NO_TOOLSETS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class Meta(Protocol):
    """The gateway's own tools (implemented by `gateway.meta`)."""

    @property
    def definitions(self) -> tuple[bytes, ...]: ...

    @property
    def names(self) -> frozenset[str]: ...

    async def run(self, name: str, arguments: bytes, caller: Principal) -> ToolResult: ...

    def unwrap(self, name: str, arguments: bytes) -> ToolCall | None: ...


class Toolset(msgspec.Struct, frozen=True):
    """What one URL offers. `members` holds service ids and tool names; None stands for everything."""

    name: str = ""
    members: frozenset[str] | None = None

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
        configured: Mapping[str, tuple[str, ...]] = NO_TOOLSETS,
    ) -> None:
        self.meta = meta
        self._upstreams = upstreams
        self._catalog = catalog
        self._configured = configured
        self._everything = Toolset()
        self._known: dict[str, Target] = {}  # of the upstream tools `_known_of`, and of what is loaded of the catalog
        self._known_of: tuple[UpstreamTool, ...] = ()

    def find(self, name: str) -> Toolset:
        """The toolset of `/mcp/t/<name>`, or of `/mcp` for "". Raises NotFound."""
        if not name:
            return self._everything
        members = self._configured.get(name, (name,) if self._is_service(name) else ())
        if not members:
            raise NotFound(f"There is no toolset {quoted(name)}.", "Use /mcp, or /mcp/t/<service>.")
        return Toolset(name, frozenset(members))

    def _is_service(self, id: str) -> bool:
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

    def stamp(self, toolset: Toolset) -> tuple[object, ...]:
        """Equal as long as the toolset's list is the same."""
        return (toolset, self._catalog.version, self._upstreams.tools())

    async def definitions(self, toolset: Toolset) -> tuple[bytes, ...]:
        """The JSON texts of the toolset's `Tool`s, by name."""
        listed = [tool for tool in self._upstreams.tools() if _lists(toolset, tool)]
        named = {tool.spec.name: tool.definition for tool in listed if await self._of_catalog(tool.spec.name) is None}
        if toolset.members is None:
            named |= {_name_of(text): text for text in self.meta.definitions}
        else:
            named |= {spec.name: definition(spec) for spec in await self._members(toolset.members)}
        return tuple(named[name] for name in sorted(named))

    async def _members(self, members: Iterable[str]) -> list[ToolSpec]:
        found: list[ToolSpec] = []
        for member in members:
            if member in self._catalog.services:
                integration = await self._catalog.integration(member)
                found += [spec for name in integration.names if (spec := integration.tool(name)) is not None]
            elif self._catalog.service_of(member) is not None and self._upstreams.find(member) is None:
                found.append(await self._catalog.tool(member))
        return found


def _lists(toolset: Toolset, tool: UpstreamTool) -> bool:
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
