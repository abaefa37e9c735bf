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
        self._replays: set[Replay] = set()

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

    def hang_up(self) -> None:
        """Ends the streams that wait for news, which would otherwise keep the server from stopping."""
        for replay in self._replays:
            replay.hang_up()

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
        ending = Ending(_adding(exchange, send))
        replay = Replay(body, exchange, self._tasks)
        self._replays.add(replay)
        try:
            await sdk.app(scope, replay.receive, ending.send)
            await ending.finish()
        finally:
            self._replays.discard(replay)

    async def _end(self, session: Session) -> None:
        sdk = await self.warm()
        await sdk.end(session.id)

    async def _start(self) -> "SdkHttp":
        sdk = await asyncio.to_thread(_imported, self._line)
        await sdk.start(self._tasks)
        return sdk


class Replay:
    """A body that was read already, then whatever else the client does, or our own hanging up."""

    def __init__(self, body: bytes, exchange: Exchange, tasks: Tasks) -> None:
        self._body: bytes | None = body
        self._exchange = exchange
        self._tasks = tasks
        self._hung_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def hang_up(self) -> None:
        if not self._hung_up.done():
            self._hung_up.set_result(None)

    async def receive(self) -> Event:
        if self._body is None:
            return await self._next()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _next(self) -> Event:
        message = self._tasks.start(self._received(), "sdk receive")
        try:
            await asyncio.wait((message, self._hung_up), return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "http.disconnect"}
        finally:
            message.cancel()

    async def _received(self) -> Event:
        return await self._exchange.receive()


class Ending:
    """`send`, and the last part of an answer that the SDK began and left: a stream we hung up on."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._open = False

    async def send(self, message: Event) -> None:
        self._open = message["type"] == "http.response.start" or bool(message.get("more_body"))
        await self._send(message)

    async def finish(self) -> None:
        if self._open:
            await self._send({"type": "http.response.body", "body": b""})


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
