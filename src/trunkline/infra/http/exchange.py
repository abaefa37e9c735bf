"""One request and its answer, between a connection and the app."""

import asyncio
from typing import Final, Protocol

from trunkline.infra.http.answer import Framing, Head, part
from trunkline.infra.http.asgi import Event, Scope

LOW_WATER: Final = 16_384  # bytes of a body that wait for the app, below which the connection reads on
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_DISCONNECT: Final = "http.disconnect"


class Wire(Protocol):
    """What an exchange needs of its connection."""

    paused: bool  # the client takes its answer slower than it is written

    def write(self, data: bytes) -> None: ...

    async def drained(self) -> None:
        """Returns when the client has taken enough of what was written; at once if it is gone."""
        ...

    def read_on(self) -> None:
        """The app took what was buffered of the body."""
        ...


class Exchange:
    """`receive` and `send` are ASGI's. The connection calls `feed`, `complete` and `disconnect`."""

    __slots__ = (
        "_changed", "_chunks", "_continue", "_delivered", "_gone", "_head", "_wire",
        "answered", "buffered", "keep_alive", "scope", "started", "whole",
    )  # fmt: skip

    def __init__(self, wire: Wire, scope: Scope, *, keep_alive: bool, expects_continue: bool) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        self.whole = False  # the request's body has come to its end
        self.started = False  # the answer's head is on the wire
        self.answered = False
        self.buffered = 0  # bytes of the body that the app has not taken
        self._wire = wire
        self._chunks: list[bytes] = []
        self._continue = expects_continue
        self._delivered = False
        self._gone = False
        self._head: Head | None = None
        self._changed: asyncio.Event | None = None

    def feed(self, chunk: bytes) -> None:
        """A part of the body; of no use once the answer is given."""
        if not self.answered:
            self._chunks.append(chunk)
            self.buffered += len(chunk)
            if self._changed is not None:
                self._changed.set()

    def complete(self) -> None:
        self.whole = True
        if self._changed is not None:
            self._changed.set()

    def disconnect(self) -> None:
        self._gone = True
        if self._changed is not None:
            self._changed.set()

    async def receive(self) -> Event:
        """The parts of the body; then `http.disconnect`, when the client has left or has its answer."""
        while not (self._gone or self.answered):
            if not self._delivered and (self._chunks or self.whole):
                return self._body()
            if self._continue and not self.started:
                self._continue = False
                self._wire.write(_CONTINUE)
            await self._wait()
        return {"type": _DISCONNECT}

    async def send(self, message: Event) -> None:
        """Raises RuntimeError for messages out of order. What is sent to a client that has left is dropped."""
        if message["type"] == "http.response.start":
            if self._head is not None:
                raise RuntimeError("the answer was started twice")
            self._begin(Head(message["status"], message.get("headers", ()), chunks=self.scope["http_version"] == "1.1"))
            return
        head, last = self._head, not message.get("more_body", False)
        if head is None or self.answered:
            raise RuntimeError("a body before its head, or after its end")
        data = message.get("body", b"")
        if head.framing is not Framing.LENGTH:
            data = part(head.framing, data, last=last)
        self._write(head, b"" if self.scope["method"] == "HEAD" else data)
        self.answered = last
        if last and self._changed is not None:
            self._changed.set()
        if self._wire.paused:
            await self._wire.drained()

    def _begin(self, head: Head) -> None:
        """A stream's head leaves at once: its first part may be long in coming. A whole answer's waits for its body."""
        self._head = head
        if head.framing is Framing.CLOSE:
            self.keep_alive = False
        if head.framing is not Framing.LENGTH:
            self._write(head, b"")

    def _write(self, head: Head, data: bytes) -> None:
        if not self.started:
            self.started = True
            data = head.text(keep_alive=self.keep_alive) + data
        if data and not self._gone:
            self._wire.write(data)

    def _body(self) -> Event:
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._delivered = self.whole
        if self.buffered > LOW_WATER:
            self._wire.read_on()
        self.buffered = 0
        return {"type": "http.request", "body": body, "more_body": not self.whole}

    async def _wait(self) -> None:
        if self._changed is None:
            self._changed = asyncio.Event()
        self._changed.clear()
        await self._changed.wait()
