"""One HTTP request and its answer, over ASGI: a JSON body, or an event stream once there is something to say early."""

import asyncio
from types import TracebackType
from typing import Any, Final

from trunkline.gateway.asgi import Pair, Receive, Scope, Send
from trunkline.gateway.headers import Headers
from trunkline.gateway.lane import Answer, Stream
from trunkline.gateway.rpc import one_line
from trunkline.gateway.sweep import Sweep
from trunkline.infra.tasks import Tasks

JSON: Final[Pair] = (b"content-type", b"application/json")
TEXT: Final[Pair] = (b"content-type", b"text/plain; charset=utf-8")
_EVENTS: Final[list[Pair]] = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
]
_WATCH_AFTER: Final = 0.25  # seconds a call runs before its client is watched: most have ended by then
_PING_EVERY: Final = 15.0  # seconds of silence after which proxies are told that the stream lives


class Exchange:
    """`extra` are headers of every answer (CORS, session id)."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers = headers
        self.extra: list[Pair] = []
        self._streaming = False
        self._lock: asyncio.Lock | None = None

    async def respond(self, status: int, body: bytes = b"", *more: Pair) -> None:
        headers = [*more, (b"content-length", b"%d" % len(body)), *self.extra]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def finish(self, answer: Answer | Stream) -> None:
        """Sends a lane's answer, whichever form the exchange has taken by now."""
        if isinstance(answer, Stream):
            await self._stream(answer)
        elif self._streaming:
            await self._event(answer.body, last=True)
        else:
            await self.respond(answer.status, answer.body, JSON)

    async def ping(self) -> None:
        """A comment on the event stream, which begins with it if it has to."""
        async with self._writing():
            await self._begin()
            await self.send({"type": "http.response.body", "body": b": ping\r\n\r\n", "more_body": True})

    async def _stream(self, stream: Stream) -> None:
        try:
            async for message in stream.messages:
                await self._event(message)
        finally:
            await stream.messages.aclose()
        await self.send({"type": "http.response.body", "body": b""})

    async def _event(self, message: bytes, *, last: bool = False) -> None:
        async with self._writing():
            await self._begin()
            body = b"event: message\r\ndata: %b\r\n\r\n" % one_line(message)
            await self.send({"type": "http.response.body", "body": body, "more_body": not last})

    def _writing(self) -> asyncio.Lock:
        """Held while a message is written: a ping may come while another is on its way."""
        self._lock = self._lock or asyncio.Lock()
        return self._lock

    async def _begin(self) -> None:
        if not self._streaming:
            self._streaming = True
            await self.send({"type": "http.response.start", "status": 200, "headers": [*_EVENTS, *self.extra]})


class Watch:
    """Around a call: cancels it within a second when its client is gone, and pings while it is silent.

    Nothing is started for a call that ends at once.
    """

    __slots__ = ("_caller", "_exchange", "_gone", "_sweep", "_tasks", "_watcher", "at")

    def __init__(self, exchange: Exchange, sweep: Sweep, tasks: Tasks) -> None:
        self.at = 0.0
        self._exchange = exchange
        self._sweep = sweep
        self._tasks = tasks
        self._caller: asyncio.Task[Any] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._gone = False

    def __enter__(self) -> None:
        self._sweep.set(self, _WATCH_AFTER)
        self._caller = self._sweep.task()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """True (handled) for the cancellation that this watch caused, and for no other."""
        self._sweep.drop(self)
        if self._watcher is not None:
            self._watcher.cancel()
        ours = self._gone and self._caller is not None and self._caller.uncancel() == 0
        return ours and kind is asyncio.CancelledError

    def act(self) -> None:
        """It takes long: first the client is watched, then it is told now and then that the call is alive."""
        if self._watcher is None:
            self._watcher = self._tasks.start(self._wait(), "client watch")
        else:
            self._tasks.start(self._exchange.ping(), "stream ping")
        self._sweep.set(self, _PING_EVERY)

    async def _wait(self) -> None:
        while (await self._exchange.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._caller is not None:
            self._caller.cancel()
