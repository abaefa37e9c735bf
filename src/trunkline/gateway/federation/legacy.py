"""Upstream servers of 2024-11-05 to 2025-11-25: one session there for each client session here."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import orjson

from trunkline import __version__
from trunkline.contract import Fault, UpstreamFailed
from trunkline.gateway.events import ClientReply, ClientRequest, ClientSession, LaneEvent, Notification
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.client import Client
from trunkline.gateway.federation.connection import Answer, ConnectionLost, Stream, TooLarge
from trunkline.gateway.federation.link import Abilities, End, Outgoing, done, end, events, soon
from trunkline.gateway.federation.wire import Message
from trunkline.infra.tasks import Tasks

VERSION: Final = "2025-11-25"
_HELLO: Final = orjson.dumps(
    {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "trunkline", "version": __version__}}
)
_POST: Final = b"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
_GET: Final = b"Accept: text/event-stream\r\n"
_CHANGES: Final = "list_changed"
_AGAIN: Final = 0.5  # seconds before a lost notification stream is opened again
_MODERN_META: Final = "io.modelcontextprotocol/"


class SessionLost(Exception):
    """The server does not know our session any more (HTTP 404)."""


class Initialized(msgspec.Struct, rename="camel"):
    """The result of `initialize`."""

    protocol_version: str
    capabilities: msgspec.Raw = msgspec.Raw(b"{}")


@dataclass(frozen=True, slots=True)
class Ears:
    """Who takes what the session of everybody else hears: `heard` a notification, `lost` that its stream broke."""

    heard: Callable[[Notification], None]
    lost: Callable[[], None]


class UpstreamSession:
    """One session at the server. It is opened by its first request and again after the server has lost it.

    `owner` is the client session it serves, None for the one that serves everybody else.
    """

    def __init__(self, name: str, client: Client, owner: ClientSession | None, ears: Ears) -> None:
        self._name, self._client = name, client
        self._owner = owner
        self._ears = ears
        self._numbers = itertools.count(1)
        self._opening = asyncio.Lock()
        self._headers = b""  # of the open session; empty: none is open
        self._tasks = Tasks()
        self._listening: asyncio.Task[None] | None = None
        self.abilities = Abilities(frozenset())

    async def open(self) -> None:
        """Shakes hands, unless that is done. Raises Faults."""
        async with self._opening:
            if self._headers:
                return
            hello = self._owner.initialize if self._owner is not None else _HELLO
            headers, result = await self._initialize(hello)
            await self._client.post(headers, wire.notification("notifications/initialized"), soon())
            self.abilities = Abilities.of(bytes(result.capabilities))
            self._headers = headers
            if self._listening is not None:
                self._listening.cancel()
            self._listening = self._tasks.start(self._listen(headers), f"{self._name}: session stream")

    async def send(self, out: Outgoing) -> End | AsyncIterator[LaneEvent]:
        """As `Link.send`."""
        try:
            return await self._send(out)
        except SessionLost:
            pass  # the request was not carried out: once more, in a new session
        try:
            return await self._send(out)
        except SessionLost:
            raise UpstreamFailed(f"{self._name} forgets its sessions.") from None

    async def notify(self, method: str, params: bytes) -> None:
        """Sends a notification; nothing if no session is open. Raises Faults."""
        if self._headers:
            await self._client.post(self._headers, wire.notification(method, params), soon())

    async def close(self) -> None:
        """Ends the session at the server, as far as it listens."""
        headers, self._headers = self._headers, b""
        await self._tasks.close()
        if headers:
            with contextlib.suppress(Fault):
                await self._client.send("DELETE", headers, soon())

    async def _send(self, out: Outgoing) -> End | AsyncIterator[LaneEvent]:
        if not self._headers:
            await self.open()
        headers, number = self._headers, next(self._numbers)
        body = wire.request(number, out.method, _params(out))
        try:
            answer = await self._client.post(headers + out.headers, body, out.deadline, repeatable=out.repeatable)
        except (Fault, asyncio.CancelledError):
            self._cancel(number)
            raise
        if isinstance(answer, Answer):
            plain = wire.plain_result(answer, number)
            if plain is not None:
                return done(out, *plain, modern=False)
            return end(out, self._response(answer, headers, number), modern=False)
        return self._streamed(answer, number, out)

    async def _streamed(self, stream: Stream, number: int, out: Outgoing) -> AsyncIterator[LaneEvent]:
        ended = False
        try:
            async for event in events(stream, number, out, modern=False, ask=self._ask):
                ended = not isinstance(event, Notification | ClientRequest)
                yield event
        finally:
            if not ended:
                self._cancel(number)

    def _response(self, answer: Answer, headers: bytes, number: int) -> Message:
        if answer.status == 404 and b"Mcp-Session-Id" in headers:
            if self._headers == headers:  # nobody has opened a new session meanwhile
                self._headers = b""
            raise SessionLost
        return wire.response(self._name, answer, number)

    def _cancel(self, number: int) -> None:
        """Tells the server that nobody waits any longer: in this era a closed stream does not say so."""
        params = b'{"requestId":%d,"reason":"The client gave up."}' % number
        self._later(self.notify("notifications/cancelled", params))

    async def _initialize(self, hello: bytes) -> tuple[bytes, Initialized]:
        number = next(self._numbers)
        body = wire.request(number, "initialize", hello.strip()[1:-1])
        answer = await self._client.post(_POST, body, soon(), repeatable=True)
        session = answer.headers.get(b"mcp-session-id", b"")
        message = await _only(answer) if isinstance(answer, Stream) else wire.response(self._name, answer, number)
        if bytes(message.error):
            raise UpstreamFailed(f"{self._name} refuses: {wire.rpc_error(bytes(message.error)).message}")
        result = msgspec.json.decode(message.result, type=Initialized)
        headers = _POST + b"MCP-Protocol-Version: %b\r\n" % result.protocol_version.encode()
        return headers + (b"Mcp-Session-Id: %b\r\n" % session if session else b""), result

    # the server's own messages

    async def _listen(self, headers: bytes) -> None:
        """Keeps the session's own stream open, for as long as the server offers one and knows the session."""
        lines = headers.replace(_POST, _GET)
        while self._headers == headers:
            try:
                stream = await self._client.send("GET", lines)
            except Fault:
                await asyncio.sleep(_AGAIN)
                continue
            if not isinstance(stream, Stream):
                break
            try:
                async for data in stream:
                    self._take(wire.decode(data))
            except (ConnectionLost, TimeoutError, TooLarge, Fault):
                pass
            finally:
                stream.close()
            if self._owner is None:
                self._ears.lost()
            await asyncio.sleep(_AGAIN)

    def _take(self, message: Message) -> None:
        if not message.method:
            return
        if bytes(message.id):
            self._answer_later(message)
            return
        notification = Notification(message.method, bytes(message.params))
        if self._owner is None:
            self._ears.heard(notification)
        elif not message.method.endswith(_CHANGES):  # those come once, through the session that serves everybody
            self._owner.notify(notification)

    def _ask(self, message: Message) -> ClientRequest | None:
        """The server's request in the middle of a call, for that call's client."""
        if message.method == "ping" or self._owner is None:
            self._answer_later(message)
            return None
        reply: asyncio.Future[ClientReply] = asyncio.get_running_loop().create_future()
        id = bytes(message.id)

        def answered(done: asyncio.Future[ClientReply]) -> None:
            if not done.cancelled():
                self._later(self._reply(id, done.result()))

        reply.add_done_callback(answered)
        return ClientRequest(message.method, bytes(message.params), reply)

    def _answer_later(self, message: Message) -> None:
        self._later(self._answer(message))

    async def _answer(self, message: Message) -> None:
        if message.method == "ping":
            reply = ClientReply(result=b"{}")
        elif self._owner is not None:
            reply = await self._owner.request(message.method, bytes(message.params))
        else:
            text = f"{message.method} cannot be relayed to a client of protocol version 2026-07-28."
            reply = ClientReply(error=wire.error_text(wire.METHOD_NOT_FOUND, text))
        await self._reply(bytes(message.id), reply)

    async def _reply(self, id: bytes, reply: ClientReply) -> None:
        await self._client.post(self._headers or _POST, wire.reply(id, reply.result, reply.error), soon())

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self._quietly(work), f"{self._name}: aside")

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(Fault):
            await work


class LegacyLink:
    """The sessions at one legacy server: one for each client session, and one for everybody else."""

    modern = False

    def __init__(self, name: str, client: Client, ears: Ears) -> None:
        self._name, self._client, self._ears = name, client, ears
        self.shared = UpstreamSession(name, client, None, ears)
        self._sessions: dict[str, UpstreamSession] = {}

    def send(self, out: Outgoing) -> Awaitable[End | AsyncIterator[LaneEvent]]:
        return self.session(out.context.session).send(out)

    def session(self, owner: ClientSession | None) -> UpstreamSession:
        if owner is None:
            return self.shared
        found = self._sessions.get(owner.id)
        if found is None:
            found = self._sessions[owner.id] = UpstreamSession(self._name, self._client, owner, self._ears)
        return found

    def opened(self, owner: ClientSession) -> UpstreamSession | None:
        return self._sessions.get(owner.id)

    async def forget(self, owner: ClientSession) -> None:
        session = self._sessions.pop(owner.id, None)
        if session is not None:
            await session.close()

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in (self.shared, *self._sessions.values())))


def _params(out: Outgoing) -> bytes:
    """The members of the params: `_meta` without what only 2026-07-28 knows."""
    meta = out.context.meta
    if out.context.modern and meta:
        kept = {name: value for name, value in wire.members(meta).items() if not name.startswith(_MODERN_META)}
        meta = msgspec.json.encode(kept) if kept else b""
    parts = [out.members, b'"_meta":' + meta if meta else b""]
    return b",".join(part for part in parts if part)


async def _only(stream: Stream) -> Message:
    """The response on a stream that holds nothing else of interest. Raises UpstreamFailed."""
    try:
        async for data in stream:
            message = wire.decode(data)
            if not message.method:
                stream.release()
                return message
    except (ConnectionLost, TimeoutError, TooLarge) as error:
        raise UpstreamFailed(f"The upstream server broke off: {error}") from error
    raise UpstreamFailed("The upstream server ended its answer early.")
