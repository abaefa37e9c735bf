"""The SDK's Streamable HTTP transport, both eras. Importing this imports the SDK: `sdk_lane`."""

import asyncio
import sys

from mcp.server.context import CallNext, HandlerResult
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from trunkline.gateway.asgi import Event
from trunkline.gateway.headers import SESSION
from trunkline.gateway.line import Line
from trunkline.gateway.sdk_delivery import SessionOutlet
from trunkline.gateway.sdk_lane import HOP, OPENING, Opening
from trunkline.gateway.sdk_server import Context, GatewayServer, Hop
from trunkline.gateway.sessions import Session
from trunkline.infra.tasks import Tasks


class SdkHttp:
    """One session manager. Bodies, hosts and origins were checked before; sessions are ended from outside."""

    def __init__(self, line: Line) -> None:
        server = GatewayServer(line, _hop)
        server.middleware.append(_watch_handshake)
        self._manager = StreamableHTTPSessionManager(
            server, session_idle_timeout=None, max_request_body_size=sys.maxsize
        )
        self.app = self._manager.handle_request

    async def start(self, tasks: Tasks) -> None:
        """Runs until `tasks` is closed."""
        ready = asyncio.get_running_loop().create_future()
        tasks.start(self._run(ready), "sdk sessions")
        await ready

    async def end(self, session_id: str) -> None:
        """Ends the SDK's session, as a client's DELETE would."""
        scope = {
            "type": "http",
            "method": "DELETE",
            "path": "/mcp",
            "query_string": b"",
            "headers": [(SESSION, session_id.encode())],
        }
        await self.app(scope, _nothing, _nowhere)

    async def _run(self, ready: asyncio.Future[None]) -> None:
        async with self._manager.run():
            ready.set_result(None)
            await asyncio.Event().wait()


async def _watch_handshake(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Middleware: an accepted `initialize` may open our session, whose own stream is the SDK's."""
    result = await call_next(ctx)
    opening = ctx.request.scope.get(OPENING) if ctx.request is not None else None
    if ctx.method == "initialize" and isinstance(opening, Opening):
        outlet = SessionOutlet(ctx.session)

        def accept(session: Session) -> None:
            session.outlet = outlet

        opening.accept = accept
    return result


def _hop(ctx: Context) -> Hop:
    assert ctx.request is not None
    caller, session = ctx.request.scope[HOP]
    return Hop(caller, session)


async def _nothing() -> Event:
    return {"type": "http.disconnect"}


async def _nowhere(_message: Event) -> None:
    return
