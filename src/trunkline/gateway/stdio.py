"""The protocol over standard input and output: one JSON-RPC message a line, one client, both eras.

tools/* go through our own lane, everything else through the SDK. The client's first request always goes to the SDK,
which settles the era by it: one that carries the 2026-07-28 envelope opens a modern connection, any other a legacy one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final, Protocol

import msgspec

from trunkline.gateway import rpc, tool_requests
from trunkline.gateway.envelope import Kind, Message, read, refuse_duplicates
from trunkline.gateway.events import ClientReply, ClientRequest, Notification
from trunkline.gateway.lane import Lane, Stream
from trunkline.gateway.line import Line
from trunkline.gateway.rpc import Id, Refusal
from trunkline.gateway.sessions import Session
from trunkline.gateway.tool_requests import ToolRequest
from trunkline.gateway.toolset import Caller
from trunkline.infra.tasks import Tasks

LINE_LIMIT: Final = 4 * 1024 * 1024
_CANCELLED: Final = "notifications/cancelled"
_ENVELOPED: Final = b'"io.modelcontextprotocol/protocolVersion"'

Write = Callable[[bytes], Awaitable[None]]  # takes one message


class SdkPeer(Protocol):
    """The SDK's side of the connection (implemented by `sdk_stdio`)."""

    async def put(self, message: bytes) -> None:
        """Hands it one message of the client's, as JSON text."""
        ...


class Era(Enum):
    UNSETTLED = auto()
    SHAKING_HANDS = auto()
    LEGACY = auto()
    MODERN = auto()


class _Cancelled(msgspec.Struct):
    requestId: int | str | None = None  # noqa: N815 - the name on the wire


class _Answered(msgspec.Struct):
    id: int | str | None = None
    method: str = ""
    result: msgspec.Raw = msgspec.Raw(b"")


class Connection:
    """One client. `sdk` is set before the first message is taken."""

    sdk: SdkPeer

    def __init__(self, lane: Lane, line: Line, caller: Caller, write: Write) -> None:
        self.caller = caller
        self.session: Session | None = None
        self._lane = lane
        self._upstreams = line.upstreams
        self._write = write
        self._era = Era.UNSETTLED
        self._initialize: Message | None = None
        self._calls: dict[Id, asyncio.Task[None]] = {}
        self._unanswered: set[Id] = set()
        self.answered = asyncio.Event()  # set while no request waits for its answer
        self.answered.set()
        self._tasks = Tasks()

    async def take(self, body: bytes) -> None:
        """One message of the client's."""
        asked: Id = None
        try:
            message = read(body)
            if message.kind is Kind.REQUEST:
                asked = message.id
                self._unanswered.add(asked)
                self.answered.clear()
            if self._is_for_lane(message):
                self._calls[message.id] = self._tasks.start(self._answer(self._request(message, body)), "stdio request")
            elif not self._settles_here(message):
                refuse_duplicates(body)
                self._note_opening(message)
                await self.sdk.put(body)
        except Refusal as refusal:
            await self._write(refusal.message_bytes())
            self._done(asked)

    async def said(self, message: bytes) -> None:
        """One message of the SDK's for the client. A legacy session is open once its handshake is answered."""
        answer = msgspec.json.decode(message, type=_Answered)
        opening = self._initialize
        if opening is not None and answer.id == opening.id and not answer.method:
            self._initialize = None
            self._era = Era.UNSETTLED
            if bytes(answer.result):
                self._open(opening)
        await self._write(message)
        if not answer.method:
            self._done(answer.id)

    async def close(self) -> None:
        """The client is gone: what it asked for is given up."""
        if self.session is not None:
            self.session.replies.close()
            self._upstreams.detach(self.session)
        await self._tasks.close()

    def _done(self, id: Id) -> None:
        self._unanswered.discard(id)
        if not self._unanswered:
            self.answered.set()

    def _is_for_lane(self, message: Message) -> bool:
        if message.kind is not Kind.REQUEST or message.method not in tool_requests.METHODS:
            return False
        if self._era is Era.LEGACY:
            return _ENVELOPED not in message.params  # the SDK refuses a modern request on a legacy connection
        return self._era is Era.MODERN

    def _settles_here(self, message: Message) -> bool:
        """A reply to a request of ours, or the cancellation of a call of ours: nothing for the SDK."""
        if message.kind is Kind.RESPONSE:
            return self.session is not None and self.session.replies.take(message)
        if message.method != _CANCELLED or not message.params:
            return False
        try:
            cancelled = msgspec.json.decode(message.params, type=_Cancelled).requestId
        except msgspec.ValidationError:
            return False
        call = self._calls.get(cancelled)
        return call is not None and call.cancel()

    def _note_opening(self, message: Message) -> None:
        if self._era is not Era.UNSETTLED or message.kind is not Kind.REQUEST:
            return
        if message.method == "initialize":
            self._era, self._initialize = Era.SHAKING_HANDS, message
        elif _ENVELOPED in message.params:
            self._era = Era.MODERN

    def _open(self, initialize: Message) -> None:
        self._era = Era.LEGACY
        self.session = Session("stdio", self.caller, initialize.params or b"{}")
        self.session.outlet = _Outlet(self.session, self._write, self._tasks)
        self._upstreams.attach(self.session)

    def _request(self, message: Message, body: bytes) -> ToolRequest:
        if self.session is None:
            return tool_requests.modern(message, body, None)
        return tool_requests.legacy(message, body, self.session.protocol, self.session)

    async def _answer(self, request: ToolRequest) -> None:
        try:
            if not request.calls:
                await self._write((await self._lane.list_tools(request, self.caller)).body)
                return
            replies = self.session.replies if self.session is not None else None
            answer = await self._lane.call_tool(request, self.caller, replies)
            if isinstance(answer, Stream):
                await self._stream(answer)
            else:
                await self._write(answer.body)
        except Refusal as refusal:
            await self._write(refusal.message_bytes())
        finally:
            self._calls.pop(request.id, None)
            self._done(request.id)

    async def _stream(self, stream: Stream) -> None:
        try:
            async for message in stream.messages:
                await self._write(message)
        finally:
            await stream.messages.aclose()


class _Outlet:
    """A legacy session's own stream (`sessions.Outlet`): here it is the only one there is."""

    def __init__(self, session: Session, write: Write, tasks: Tasks) -> None:
        self._replies = session.replies
        self._write = write
        self._tasks = tasks

    def notify(self, notification: Notification) -> None:
        message = rpc.notification(notification.method, notification.params)
        self._tasks.start(self._put(message), "session notification")

    async def request(self, method: str, params: bytes) -> ClientReply:
        reply: asyncio.Future[ClientReply] = asyncio.get_running_loop().create_future()
        await self._write(self._replies.ask(ClientRequest(method, params, reply)))
        return await reply

    async def _put(self, message: bytes) -> None:
        await self._write(message)
