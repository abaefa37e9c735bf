"""One connection of a client: requests one after another, an answer to each (RFC 9112)."""

import asyncio
import logging
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote, urlsplit

import httptools

from trunkline.infra.http.answer import plain
from trunkline.infra.http.asgi import Pair, Scope
from trunkline.infra.http.exchange import Exchange

if TYPE_CHECKING:
    from trunkline.infra.http.server import HttpServer

_log = logging.getLogger(__name__)

HIGH_WATER: Final = 65_536  # bytes of a body that wait for the app, above which the connection stops reading
_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_NEVER: Final = float("inf")


class Connection(asyncio.Protocol):
    """`deadline` (loop time) is when the server's sweep ends it: idle for too long, or too slow with a request."""

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._active: Exchange | None = None  # the app is at work on it
        self._reading: Exchange | None = None  # its body is still coming
        self._waiting: deque[Exchange] = deque()  # sent before the answer to the one before it
        self._task: asyncio.Task[None] | None = None
        self._asked: asyncio.Future[None] | None = None  # the task waits for a request
        self._writable: asyncio.Event | None = None
        self._url = b""
        self._headers: list[Pair] = []
        self._head_size = 0  # bytes that came since the last part of a body, or the end of a message
        self._expects_continue = False
        self.paused = False
        self.deadline = self._loop.time() + server.limits.request

    # what the server calls

    @property
    def idle(self) -> bool:
        return self._active is None and self._reading is None and not self._head_size

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task of the request under way, if there is one."""
        return self._task if self._active is not None else None

    def close(self) -> None:
        """Closes as soon as what was written is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def expire(self) -> None:
        """The deadline has passed."""
        if self._transport is None:
            return
        if self._head_size and self._active is None:
            self._transport.write(plain(408))
        self._transport.close()

    # what the exchange calls

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    async def drained(self) -> None:
        if self.paused and self._writable is not None:
            await self._writable.wait()

    def read_on(self) -> None:
        if self._transport is not None and not self._waiting and not self._transport.is_reading():
            self._transport.resume_reading()

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._client = _address(transport, "peername")
        self._local = _address(transport, "sockname")
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)
        self._waiting.clear()
        for exchange in (self._active, self._reading):
            if exchange is not None:
                exchange.disconnect()
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(None)
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._reading is None and not self._head_size:
            self.deadline = self._loop.time() + self._server.limits.request
        self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as asked:
            self._upgrade(data[asked.args[0] :])
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            if self._head_size > self._server.limits.head:  # a head without end, or what should be trailers
                self._refuse(431)

    def pause_writing(self) -> None:
        self.paused = True
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        self.paused = False
        if self._writable is not None:
            self._writable.set()

    # what the parser calls

    def on_message_begin(self) -> None:
        self._url, self._headers, self._expects_continue = b"", [], False

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading is not None:
            return  # a trailer
        name = name.lower()
        if name == b"expect":
            self._expects_continue = value.strip().lower() == b"100-continue"
        self._headers.append((name, value.strip()))

    def on_headers_complete(self) -> None:
        self._head_size = 0
        if self._parser.should_upgrade() and self._upgrades():
            return
        exchange = Exchange(
            self,
            self._scope(),
            keep_alive=self._parser.should_keep_alive(),
            expects_continue=self._expects_continue,
        )
        self._reading = exchange
        if self._active is None:
            self._start(exchange)
        else:
            self._waiting.append(exchange)
            if self._transport is not None:
                self._transport.pause_reading()

    def on_body(self, body: bytes) -> None:
        self._head_size = 0
        exchange = self._reading
        if exchange is None:
            return
        exchange.feed(body)
        if exchange.buffered > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        exchange, self._reading = self._reading, None
        self._head_size = 0
        if exchange is not None:
            exchange.complete()
        self.deadline = _NEVER if self._active is not None else self._loop.time() + self._server.limits.idle

    # requests, one after another

    def _scope(self) -> Scope:
        path, raw_path, query = _target(self._url)
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": self._parser.get_http_version(),
            "server": self._local,
            "client": self._client,
            "scheme": "http",
            "method": self._parser.get_method().decode("ascii"),
            "root_path": "",
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self._headers,
        }

    def _start(self, exchange: Exchange) -> None:
        """Hands a request to the connection's task: one for all requests, as a task costs more than to wake one."""
        self._active = exchange
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._serve())
        elif self._asked is not None and not self._asked.done():
            self._asked.set_result(None)

    async def _serve(self) -> None:
        while self._transport is not None:
            if self._active is not None:
                await self._run(self._active)
            else:
                self._asked = self._loop.create_future()
                await self._asked

    async def _run(self, exchange: Exchange) -> None:
        try:
            await self._server.app(exchange.scope, exchange.receive, exchange.send)
            if not exchange.answered and self._transport is not None:
                raise RuntimeError("the app gave no whole answer")
        except Exception:  # noqa: BLE001 - the boundary of a request: it must not take others along
            _log.exception("%s %s failed", exchange.scope["method"], exchange.scope["path"])
            self._fail(exchange)
        finally:
            self._end(exchange)

    def _fail(self, exchange: Exchange) -> None:
        """500 if the answer has not begun; otherwise the client learns of it by the early end."""
        exchange.keep_alive = False
        if not exchange.started:
            self.write(plain(500))
        elif not exchange.answered:
            self.abort()

    def _end(self, exchange: Exchange) -> None:
        self._active = None
        if self._transport is None or self._transport.is_closing():
            return
        if not exchange.keep_alive or self._server.stopping:
            self._transport.close()
            return
        now, limits = self._loop.time(), self._server.limits
        self.deadline = now + (limits.request if self._reading is not None else limits.idle)
        if self._waiting:
            self._start(self._waiting.popleft())
        if not self._transport.is_reading():
            self.read_on()

    def _refuse(self, status: int) -> None:
        """Ends the connection, after the answers that are owed."""
        if self._transport is None:
            return
        if self._active is not None and self._active is not self._reading:
            self._end_after_answer()
            return
        if self._active is not None:  # its body goes wrong: it waits for what will not come
            self._active.disconnect()
        if self._active is None or not self._active.started:
            self._transport.write(plain(status))
        self._transport.close()

    def _upgrades(self) -> bool:
        return bool(self._parser.should_upgrade()) and self._parser.get_method() != b"CONNECT"

    def _upgrade(self, rest: bytes) -> None:
        """Answers as if it did not ask (RFC 9110, section 7.8): the parser, which takes the head for the whole message,
        makes way for one that reads it again without the request to upgrade. `rest` is what follows the head."""
        if not self._upgrades():
            self._end_after_answer()
            return
        kept = [b"%b: %b\r\n" % pair for pair in self._headers if pair[0] not in (b"upgrade", b"connection")]
        line = b"%b %b HTTP/1.1\r\n" % (self._parser.get_method(), self._url)
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(b"%b%bconnection: close\r\n\r\n%b" % (line, b"".join(kept), rest))

    def _end_after_answer(self) -> None:
        self._waiting.clear()
        if self._active is not None:
            self._active.keep_alive = False
        if self._transport is not None:
            self._transport.pause_reading()


@lru_cache(256)
def _target(url: bytes) -> tuple[str, bytes, bytes]:
    """Path decoded and as it is, and query, of a request target in origin or absolute form (RFC 9112, section 3.2)."""
    if url.startswith(b"/") or url == b"*":
        path, _, query = url.partition(b"?")
    else:
        parts = urlsplit(url)
        path, query = parts.path or b"/", parts.query
    return unquote(path.decode("latin-1")), path, query


def _address(transport: asyncio.BaseTransport, which: str) -> tuple[str, int] | None:
    found = transport.get_extra_info(which)
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None  # pyright: ignore[reportUnknownArgumentType]
