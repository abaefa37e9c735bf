"""Everything but tools/*, through the official SDK, which is imported when it is first needed.

The import takes over a second of CPU: it happens in a thread, and `warm` does it ahead of need.
"""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.gateway.asgi import Event, Send
from trunkline.gateway.exchange import Exchange
from trunkline.gateway.headers import SESSION
from trunkline.gateway.line import Line
from trunkline.gateway.sessions import Session
from trunkline.gateway.toolset import Caller
from trunkline.infra.tasks import Tasks

if TYPE_CHECKING:
    from trunkline.gateway.sdk_http import SdkHttp

HOP = "trunkline.hop"  # key of the ASGI scope: (Caller, Session | None)
OPENING = "trunkline.opening"


@dataclass
class Opening:
    """A handshake under way. The SDK's side sets `accept` once it has accepted the client."""

    open: Callable[[str], Session]
    id: str = ""
    accept: Callable[[Session], None] | None = field(default=None)
    opened: bool = False


class SdkLane:
    """`handle` and `initialize` of the endpoint (`endpoint.Sdk`)."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._tasks = Tasks()
        self._loading: asyncio.Task[SdkHttp] | None = None

    async def warm(self) -> "SdkHttp":
        """Imports and starts the SDK, if that has not happened yet."""
        if self._loading is None:
            self._loading = self._tasks.start(self._start(), "sdk start")
        return await asyncio.shield(self._loading)

    async def handle(self, exchange: Exchange, body: bytes, caller: Caller, session: Session | None) -> None:
        await self._pass_on(exchange, body, {HOP: (caller, session)}, exchange.send)

    async def initialize(
        self, exchange: Exchange, body: bytes, caller: Caller, opened: Callable[[str], Session]
    ) -> None:
        """Lets the SDK answer an `initialize`; `opened` makes our session once the SDK has made its own."""
        opening = Opening(opened)
        send = functools.partial(self._watching, opening, exchange.send)
        await self._pass_on(exchange, body, {HOP: (caller, None), OPENING: opening}, send)

    def ended(self, session: Session) -> None:
        """A session of ours is over: so is the SDK's, and what upstream servers hold for it."""
        self._line.upstreams.detach(session)
        if self._loading is not None:
            self._tasks.start(self._end(session), "session end")

    async def close(self) -> None:
        await self._tasks.close()

    async def _watching(self, opening: Opening, send: Send, message: Event) -> None:
        """Opens our session before the client can know of the SDK's: with the first part of the answer."""
        if message["type"] == "http.response.start":
            opening.id = dict(message["headers"]).get(SESSION, b"").decode()
        elif opening.accept is not None and not opening.opened:
            opening.opened = True
            session = opening.open(opening.id)
            opening.accept(session)
            self._line.upstreams.attach(session)
        await send(message)

    async def _pass_on(self, exchange: Exchange, body: bytes, marks: dict[str, Any], send: Send) -> None:
        sdk = await self.warm()
        headers = list(exchange.headers.items())
        scope = {**exchange.scope, "headers": headers, "path": "/mcp", **marks}
        await sdk.app(scope, Replay(body, exchange).receive, _adding(exchange, send))

    async def _end(self, session: Session) -> None:
        sdk = await self.warm()
        await sdk.end(session.id)

    async def _start(self) -> "SdkHttp":
        sdk = await asyncio.to_thread(_imported, self._line)
        await sdk.start(self._tasks)
        return sdk


class Replay:
    """A body that was read already, then whatever else the client does."""

    def __init__(self, body: bytes, exchange: Exchange) -> None:
        self._body: bytes | None = body
        self._exchange = exchange

    async def receive(self) -> Event:
        if self._body is None:
            return await self._exchange.receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _adding(exchange: Exchange, send: Send) -> Send:
    """`send` with the exchange's extra headers on every answer."""
    if not exchange.extra:
        return send

    async def adding(message: Event) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *exchange.extra]}
        await send(message)

    return adding


def _imported(line: Line) -> "SdkHttp":
    from trunkline.gateway.sdk_http import SdkHttp  # noqa: PLC0415 - imports the SDK, on purpose not before

    return SdkHttp(line)
