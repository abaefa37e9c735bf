"""One keep-alive HTTP/1.1 connection with one request in flight: bytes in, bytes out (RFC 9112)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, cast

import httptools
import msgspec

from trunkline.gateway.federation.sse import SseDecoder

HIGH_WATER: Final = 1 << 20  # bytes of undelivered events at which reading stops
HIDDEN: Final = b"[redacted]"


class ConnectionLost(Exception):
    """The connection broke. `untouched`: not one byte of an answer had come."""

    def __init__(self, reason: str, *, untouched: bool = False) -> None:
        super().__init__(reason)
        self.untouched = untouched


class TooLarge(Exception):
    """The answer is larger than allowed."""


class Answer(msgspec.Struct):
    """A whole answer. `headers` have lower-case names."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def hide(self, secret: bytes) -> None:
        """Takes `secret` out of what the server says."""
        self.body = self.body.replace(secret, HIDDEN)


class Stream:
    """An answer that is an event stream. Iterate it once; then `release` or `close` it."""

    __slots__ = ("_connection", "_events", "_failure", "_secret", "_size", "_waiter", "ended", "headers", "status")

    def __init__(self, status: int, headers: dict[bytes, bytes], connection: "Connection") -> None:
        self.status = status
        self.headers = headers
        self.ended = False
        self._connection = connection
        self._events: deque[bytes] = deque()
        self._secret = b""
        self._size = 0
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def hide(self, secret: bytes) -> None:
        """Takes `secret` out of what the server says."""
        self._secret = secret

    def put(self, event: bytes) -> None:
        self._events.append(event)
        self._size += len(event)
        if self._size > HIGH_WATER:
            self._connection.pause()
        self._wake()

    def end(self, failure: Exception | None = None) -> None:
        self.ended, self._failure = True, failure
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The data of each event. Raises `ConnectionLost`, `TimeoutError` and `TooLarge`."""
        while True:
            while self._events:
                event = self._events.popleft()
                self._size -= len(event)
                yield event.replace(self._secret, HIDDEN) if self._secret else event
            if self.ended:
                break
            self._connection.resume()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._failure is not None:
            raise self._failure

    def release(self) -> None:
        """No more is wanted: the connection is used again if the stream ends soon, closed otherwise."""
        self._connection.drain()

    def close(self) -> None:
        if not self.ended:
            self._connection.abort()


class Connection(asyncio.Protocol):
    """The protocol object; `freed` is called whenever it may take another request, `gone` when it is lost."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        max_answer: int,
        freed: Callable[["Connection"], None],
        gone: Callable[["Connection"], None],
    ) -> None:
        self._loop = loop
        self._max_answer = max_answer
        self._freed, self._gone = freed, gone
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._future: asyncio.Future[Answer | Stream] | None = None
        self._stream: Stream | None = None
        self._decoder = SseDecoder()  # of the stream
        self._failure: Exception | None = None
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._untouched = True
        self.deadline = float("inf")  # of the request in flight, loop time
        self.idle_since = 0.0
        self.draining = False
        self.used = False

    # what the client calls

    def ask(self, request: bytes, deadline: float) -> asyncio.Future[Answer | Stream]:
        """Sends a request. The answer comes whole, or as a `Stream` if it is an event stream."""
        transport = self._transport
        if transport is None:
            raise ConnectionLost("not connected", untouched=True)
        self.deadline = deadline
        self._future = self._loop.create_future()
        transport.write(request)
        return self._future

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def expire(self) -> None:
        """The request in flight took too long."""
        self._fail(TimeoutError())

    def drain(self) -> None:
        if self._stream is not None:
            self.draining = True
            self.deadline = self._loop.time() + 1.0
            self.resume()

    def pause(self) -> None:
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_reading() and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        """Closes the connection at once: what gives a call up."""
        if self._transport is not None:
            self._transport.abort()

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        self._untouched = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionLost(f"not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if exc is None and self._ends_with_connection():
            self._finish()
        self._settle(self._failure or ConnectionLost(str(exc or "closed by the server"), untouched=self._untouched))
        self._gone(self)

    def _ends_with_connection(self) -> bool:
        """An answer without a length ends where the connection does (RFC 9112, section 6.3)."""
        headers = self._headers
        return bool(headers) and b"content-length" not in headers and b"transfer-encoding" not in headers

    # what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value.strip()

    def on_headers_complete(self) -> None:
        if self._headers.get(b"content-type", b"").startswith(b"text/event-stream") and self._future is not None:
            self._stream = Stream(self._parser.get_status_code(), self._headers, self)
            self._decoder = SseDecoder()
            self._resolve(self._stream)
        elif int(self._headers.get(b"content-length", b"0") or b"0") > self._max_answer:
            self._fail(TooLarge())

    def on_body(self, body: bytes) -> None:
        if self._stream is None:
            self._size += len(body)
            self._body.append(body)
        elif not self.draining:
            for event in self._decoder.feed(body):
                self._stream.put(event)
            self._size = self._decoder.size
        if self._size > self._max_answer:
            self._fail(TooLarge())

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:  # there is another to come
            self._headers = {}
            return
        self._finish()
        if self._parser.should_keep_alive() and self._transport is not None:
            self._freed(self)
        else:
            self.abort()

    # ends

    def _finish(self) -> None:
        if self._stream is not None:
            self._stream.end()
        else:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._resolve(Answer(self._parser.get_status_code(), self._headers, body))
        self._stream, self._future = None, None
        self._headers, self._body, self._size, self._untouched = {}, [], 0, True
        self.deadline, self.draining, self.used = float("inf"), False, True

    def _resolve(self, answer: Answer | Stream) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(answer)

    def _fail(self, failure: Exception) -> None:
        self._failure = failure
        self.abort()

    def _settle(self, failure: Exception) -> None:
        if self._stream is not None:
            self._stream.end(failure)
        elif self._future is not None and not self._future.done():
            self._future.set_exception(failure)
        self._stream, self._future = None, None
