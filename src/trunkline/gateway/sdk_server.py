"""The official SDK's server, wired to the same pipeline and upstreams. Importing this costs over a second: `sdk_lane`.

Everything that our own lane does not answer is answered here: the handshake, server/discover, ping, and what upstream
servers offer (prompts, resources, completion, subscriptions). It answers tools/* too, so that one suite can compare
the two lanes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import mcp_types as types
import msgspec
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.server import NotificationOptions
from mcp.server.models import InitializationOptions
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel

from trunkline.contract import Failed, InvalidArguments, ToolCall
from trunkline.gateway import rpc
from trunkline.gateway.events import CallContext, ProtocolError, each
from trunkline.gateway.line import Line
from trunkline.gateway.menu import client_of
from trunkline.gateway.sdk_delivery import Delivery
from trunkline.gateway.sessions import Session
from trunkline.gateway.toolset import Caller

Context = ServerRequestContext[Any, Any]

# What upstream servers may offer besides tools, with the params the SDK checks.
_RELAYED: Final[Mapping[str, type[BaseModel]]] = {
    "prompts/list": types.PaginatedRequestParams,
    "prompts/get": types.GetPromptRequestParams,
    "resources/list": types.PaginatedRequestParams,
    "resources/templates/list": types.PaginatedRequestParams,
    "resources/read": types.ReadResourceRequestParams,
    "resources/subscribe": types.SubscribeRequestParams,
    "resources/unsubscribe": types.UnsubscribeRequestParams,
    "completion/complete": types.CompleteRequestParams,
    "logging/setLevel": types.SetLevelRequestParams,
}
_LISTS: Final = ("prompts/list", "resources/list", "resources/templates/list", "resources/read", "server/discover")
_LISTEN: Final = "subscriptions/listen"
_ROOTS: Final = "notifications/roots/list_changed"


@dataclass(frozen=True, slots=True)
class Hop:
    """Who a message of the SDK's is from. `session` None: modern era, or a handshake that is not over."""

    caller: Caller
    session: Session | None


class GatewayServer(Server[Any]):
    """`hop_of` tells from the SDK's context who calls."""

    def __init__(self, line: Line, hop_of: Callable[[Context], Hop]) -> None:
        server = line.answers.server
        private = CacheHint(line.answers.ttl_ms, "private")
        super().__init__(
            server.name,
            version=server.version,
            title=server.title or None,
            instructions=line.instructions or None,
            cache_hints=dict.fromkeys(_LISTS, private),
            get_tool_input_schema=self._input_schema,
        )
        self._line = line
        self._hop_of = hop_of
        self.middleware = [self._offer]
        self.add_request_handler("tools/list", types.PaginatedRequestParams, self._list_tools)
        self.add_request_handler("tools/call", types.CallToolRequestParams, self._call_tool)
        self.add_notification_handler(_ROOTS, types.NotificationParams, self._roots_changed)

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Lists of upstream servers may change; the SDK's transport would say they never do."""
        changing = notification_options or NotificationOptions(True, True, True)
        return super().create_initialization_options(changing, experimental_capabilities, extensions)

    async def _offer(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """Middleware: capabilities follow from the handlers there are, and those from what upstreams serve by now."""
        for method, params in _RELAYED.items():
            if self.get_request_handler(method) is None and self._line.upstreams.serves(method):
                self.add_request_handler(method, params, self._relay)
        if self.get_request_handler(_LISTEN) is None and self._line.upstreams.serves(_LISTEN):
            self.add_request_handler(_LISTEN, types.SubscriptionsListenRequestParams, self._listen)
        return await call_next(ctx)

    async def _list_tools(self, ctx: Context, params: types.PaginatedRequestParams) -> dict[str, Any]:
        context, hop = self._context(ctx)
        try:
            listing = await self._line.listings.of(hop.caller.toolset, client_of(context))
            page = listing.page(params.cursor, modern=context.modern)
        except InvalidArguments as fault:
            raise MCPError(rpc.INVALID_PARAMS, fault.message) from None
        return msgspec.json.decode(page)

    async def _call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> dict[str, Any]:
        context, hop = self._context(ctx)
        call = ToolCall(params.name, _text(params.arguments or {}))
        events = each(await self._line.pipeline.call(hop.caller, call, context))
        end, chunks = await Delivery(ctx).deliver(events)
        if isinstance(end, ProtocolError):
            raise _refused(end)
        return msgspec.json.decode(self._line.answers.end(end, chunks, modern=context.modern))

    async def _relay(self, ctx: Context, params: BaseModel) -> dict[str, Any]:
        context, _ = self._context(ctx)
        events = self._line.upstreams.relay(ctx.method, _text(ctx.params or {}), context)
        return _result(await Delivery(ctx).deliver(events))

    async def _listen(self, ctx: Context, params: types.SubscriptionsListenRequestParams) -> dict[str, Any]:
        wanted = _text((ctx.params or {}).get("notifications") or {})
        events = self._line.upstreams.listen(wanted, _text(ctx.request_id))
        return _result(await Delivery(ctx).deliver(events))

    async def _roots_changed(self, ctx: Context, params: types.NotificationParams) -> None:
        session = self._hop_of(ctx).session
        if session is not None:
            self._line.upstreams.notify(session, ctx.method, _text(ctx.params or {}))

    def _context(self, ctx: Context) -> tuple[CallContext, Hop]:
        hop = self._hop_of(ctx)
        given = ctx.params or {}
        sent: Mapping[str, str] = ctx.request.headers if ctx.request is not None else {}
        return CallContext(
            ctx.protocol_version,
            hop.session,
            _text(given["_meta"]) if given.get("_meta") else b"",
            _text(given["inputResponses"]) if given.get("inputResponses") else b"",
            _text(given["requestState"]) if given.get("requestState") else b"",
            {name: value for name, value in sent.items() if name.startswith("mcp-param-")},
        ), hop

    def _input_schema(self, name: str) -> Mapping[str, Any] | None:
        """For Mcp-Param-* checks; without it the SDK walks the whole of tools/list on every call."""
        target = self._line.toolsets.known(name)
        if target is None or b'"x-mcp-header"' not in target.spec.input_schema:
            return None
        return msgspec.json.decode(target.spec.input_schema)


def _result(delivered: tuple[Any, list[bytes]]) -> dict[str, Any]:
    end = delivered[0]
    if isinstance(end, ProtocolError):
        raise _refused(end)
    if isinstance(end, Failed):
        fact = end.fact
        data = {"code": fact.code, "hint": fact.hint, "retryable": fact.retryable}
        raise MCPError(rpc.INTERNAL_ERROR, fact.message, data)
    return msgspec.json.decode(end.result.mcp)


def _refused(end: ProtocolError) -> MCPError:
    error = msgspec.json.decode(end.error, type=_Error)
    return MCPError(end.code, error.message, error.data)


class _Error(msgspec.Struct):
    message: str = ""
    data: Any = None


def _text(value: Any) -> bytes:
    """JSON text; the SDK has parsed it, with integers of any size."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
