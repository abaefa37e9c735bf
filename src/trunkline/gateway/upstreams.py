"""What the gateway needs of its upstream MCP servers (implemented by `gateway.federation`)."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from trunkline.contract import AllowedCall, Service, ToolSpec
from trunkline.gateway.events import CallContext, ClientSession, LaneEvent, Reply


class UpstreamTool(Protocol):
    """A tool of an upstream MCP server.

    `definition` is the JSON text of the `Tool` for tools/list under its name on our wire, the schemas untouched.
    `pinned`: listed on the default endpoint.
    """

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def service(self) -> Service: ...

    @property
    def definition(self) -> bytes: ...

    @property
    def pinned(self) -> bool: ...


class Upstreams(Protocol):
    """All upstream MCP servers as one."""

    def tools(self) -> tuple[UpstreamTool, ...]:
        """The last known tools, sorted by name: the same object until they change."""
        ...

    def find(self, name: str) -> UpstreamTool | None: ...

    def call(self, allowed: AllowedCall, context: CallContext) -> Awaitable[Reply]:
        """Makes an allowed tools/call."""
        ...

    def relay(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        """Any other request (prompts/get, resources/read …); `Done.result.mcp` is its result."""
        ...

    def listen(self, wanted: bytes, subscription: bytes) -> AsyncIterator[LaneEvent]:
        """A modern subscriptions/listen: its acknowledgement, then changes. JSON texts of the filter and of the id."""
        ...

    def serves(self, method: str) -> bool: ...

    def notify(self, session: ClientSession, method: str, params: bytes) -> None:
        """A legacy client's notification (roots/list_changed)."""
        ...

    def attach(self, session: ClientSession) -> None: ...

    def detach(self, session: ClientSession) -> None: ...


class NoUpstreams:
    """None configured."""

    def tools(self) -> tuple[UpstreamTool, ...]:
        return ()

    def find(self, name: str) -> UpstreamTool | None:
        return None

    def call(self, allowed: AllowedCall, context: CallContext) -> Awaitable[Reply]:
        raise LookupError(allowed.tool)

    def relay(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        raise LookupError(method)

    def listen(self, wanted: bytes, subscription: bytes) -> AsyncIterator[LaneEvent]:
        raise LookupError("subscriptions/listen")

    def serves(self, method: str) -> bool:
        return False

    def notify(self, session: ClientSession, method: str, params: bytes) -> None:
        """A legacy client's notification (roots/list_changed)."""

    def attach(self, session: ClientSession) -> None:
        return

    def detach(self, session: ClientSession) -> None:
        return
