"""A pooled HTTP/1.1 client for upstream MCP servers: bytes in, bytes out, no timer and no task per call.

Time-outs are kept by one sweep over the connections in use, so they are up to `SWEEP` seconds late.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Awaitable
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

import msgspec

from trunkline.contract import InvalidSettings, Overloaded, UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from trunkline.gateway.federation.connection import Answer, Connection, ConnectionLost, Stream, TooLarge

SWEEP: Final = 0.25
FRESH: Final = 3.0  # seconds: a connection idle for longer may just be closing at the other end
NEVER: Final = float("inf")
_SECRET: Final = 8  # characters of a token that is looked for: a shorter one is found in innocent words


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one client. Seconds, connections, bytes."""

    connections: int = 512
    waiting: int = 4096
    connect: float = 5.0
    idle: float = 30.0
    answer: int = 16 << 20


class Client:
    """Requests to one URL. `name` is how faults call the server; `headers` go with every request."""

    def __init__(
        self, name: str, url: str, headers: dict[str, str] | None = None, limits: Limits | None = None
    ) -> None:
        self._name, self._limits = name, limits or Limits()
        self.url = url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise InvalidSettings(f"{name}: {url!r} is not an http or https URL.")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        given = {"Host": parts.netloc, "User-Agent": "trunkline", **(headers or {})}
        if not all(value.isprintable() and value.isascii() for value in given.values()):
            raise InvalidSettings(f"{name}: a header value has a character that HTTP cannot carry.")
        self._common = "".join(f"{key}: {value}\r\n" for key, value in given.items()).encode("latin-1")
        self._path = path.encode("ascii")
        self._post = b"POST " + self._path + b" HTTP/1.1\r\n" + self._common
        secret = given.get("Authorization", "").partition(" ")[2].encode()
        self._secret = secret if len(secret) >= _SECRET else b""  # which the server may repeat
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._opening = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    def deadline(self, at: float) -> float:
        """In loop time, what `at` is in seconds since the epoch."""
        return self._loop.time() + at - time.time()

    @property
    def connections(self) -> int:
        """Open connections, in use or kept."""
        return len(self._idle) + len(self._busy)

    def post(
        self, headers: bytes, body: bytes, deadline: float = NEVER, *, repeatable: bool = False
    ) -> Awaitable[Answer | Stream]:
        """POSTs `body`. `headers` are whole lines, each with its CR LF; `deadline` is in loop time.

        A `repeatable` request is sent a second time if a kept connection turns out to be closed. Raises
        `UpstreamUnavailable`, `UpstreamTimeout`, `UpstreamFailed` and `Overloaded`. Cancelling closes the connection.
        """
        request = b"%bContent-Length: %d\r\n%b\r\n%b" % (self._post, len(body), headers, body)
        return self._send(request, deadline, repeatable)

    async def send(self, method: str, headers: bytes, deadline: float = NEVER) -> Answer | Stream:
        """A request without a body (GET, DELETE); faults as `post`."""
        request = b"%b %b HTTP/1.1\r\n%b%b\r\n" % (method.encode("ascii"), self._path, self._common, headers)
        return await self._send(request, deadline, repeatable=True)

    async def close(self) -> None:
        """Closes every connection; calls in flight fail."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in (*self._idle, *self._busy):
            connection.abort()
        await asyncio.sleep(0)  # lets the transports close

    async def _send(self, request: bytes, deadline: float, repeatable: bool) -> Answer | Stream:
        connection = self._kept(repeatable) or await self._connect(deadline)
        try:
            return await self._ask(connection, request, deadline)
        except ConnectionLost as lost:
            if not (repeatable and lost.untouched and connection.used):
                raise self._broken(lost) from lost
        connection = await self._connect(deadline)
        try:
            return await self._ask(connection, request, deadline)
        except ConnectionLost as lost:
            raise self._broken(lost) from lost

    async def _ask(self, connection: Connection, request: bytes, deadline: float) -> Answer | Stream:
        self._busy.add(connection)
        if self._sweeping is None:
            self._arm()
        try:
            answer = await connection.ask(request, deadline)
        except TimeoutError:
            raise UpstreamTimeout(f"{self._name} did not answer in time.") from None
        except TooLarge:
            raise UpstreamFailed(f"{self._name} answered with more than {self._limits.answer} bytes.") from None
        except asyncio.CancelledError:
            connection.abort()
            raise
        if self._secret:
            answer.hide(self._secret)
        return answer

    def _broken(self, lost: ConnectionLost) -> UpstreamUnavailable:
        return UpstreamUnavailable(f"{self._name} broke the connection: {lost}.")

    def _kept(self, repeatable: bool) -> Connection | None:
        """The kept connection that was used last; only a fresh one for a request that must not be sent twice."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.usable and (repeatable or self._loop.time() - connection.idle_since < FRESH):
                return connection
            connection.abort()
        return None

    async def _connect(self, deadline: float) -> Connection:
        if self._closed:
            raise UpstreamUnavailable(f"{self._name} is being closed.")
        while len(self._busy) + self._opening >= self._limits.connections:
            await self._wait(deadline)
            if (connection := self._kept(repeatable=True)) is not None:
                return connection
        self._opening += 1
        try:
            return await self._open(deadline)
        finally:
            self._opening -= 1

    async def _open(self, deadline: float) -> Connection:
        limit = min(deadline, self._loop.time() + self._limits.connect)
        try:
            async with asyncio.timeout_at(limit):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._loop, self._limits.answer, self._free, self._lost),
                    self._host,
                    self._port,
                    ssl=self._ssl,
                )
        except TimeoutError:
            raise UpstreamUnavailable(f"{self._name} cannot be reached: no connection in time.") from None
        except OSError as error:
            raise UpstreamUnavailable(f"{self._name} cannot be reached: {error.strerror or error}.") from error
        return connection

    async def _wait(self, deadline: float) -> None:
        if len(self._waiters) >= self._limits.waiting:
            raise Overloaded(f"Too many calls wait for {self._name}.")
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout_at(None if deadline == NEVER else deadline):
                await waiter
        except TimeoutError:
            raise UpstreamTimeout(f"{self._name} is busy: no connection became free in time.") from None

    def _free(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if self._closed:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        if self._waiters:
            self._next()

    def _lost(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._next()

    def _next(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        """The one that this client is used from."""
        return asyncio.get_running_loop()

    def _arm(self) -> None:
        self._sweeping = self._loop.call_later(SWEEP, self._sweep)

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in [one for one in self._busy if one.deadline < now]:
            connection.expire()
        for connection in [one for one in self._idle if one.idle_since + self._limits.idle < now]:
            connection.abort()
        self._sweeping = None
        if self._busy or self._idle:
            self._arm()
