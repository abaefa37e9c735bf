"""What the gateway needs of its upstream MCP servers (implemented by `gateway.federation`)."""

from collections.abc import AsyncIterator
from typing import Protocol

from trunkline.contract import AllowedCall, Service, ToolSpec
from trunkline.gateway.events import CallContext, ClientSession, LaneEvent


class UpstreamTool(Protocol):
    """A tool of an upstream MCP server.

    `definition` is the JSON text of the `Tool` for tools/list under its name on our wire, the schemas untouched.
    """

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def service(self) -> Service: ...

    @property
    def definition(self) -> bytes: ...


class Upstreams(Protocol):
    """All upstream MCP servers as one."""

    def tools(self) -> tuple[UpstreamTool, ...]:
        """The last known tools, sorted by name: the same object until they change."""
        ...

    def find(self, name: str) -> UpstreamTool | None: ...

    def call(self, allowed: AllowedCall, context: CallContext) -> AsyncIterator[LaneEvent]:
        """Makes an allowed tools/call."""
        ...

    def relay(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        """Any other request (prompts/get, resources/read …); `Done.result.mcp` is its result."""
        ...

    def serves(self, method: str) -> bool: ...

    def attach(self, session: ClientSession) -> None: ...

    def detach(self, session: ClientSession) -> None: ...


class NoUpstreams:
    """None configured."""

    def tools(self) -> tuple[UpstreamTool, ...]:
        return ()

    def find(self, name: str) -> UpstreamTool | None:
        return None

    def call(self, allowed: AllowedCall, context: CallContext) -> AsyncIterator[LaneEvent]:
        raise LookupError(allowed.tool)

    def relay(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        raise LookupError(method)

    def serves(self, method: str) -> bool:
        return False

    def attach(self, session: ClientSession) -> None:
        return

    def detach(self, session: ClientSession) -> None:
        return
