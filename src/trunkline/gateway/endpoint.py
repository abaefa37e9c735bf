"""The MCP endpoint over HTTP: which lane answers a request.

Era by the MCP-Protocol-Version header, as the official SDK tells it: absent or a legacy version -> legacy, anything
else -> modern. tools/list and tools/call go through our own lane, everything else through the SDK's.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from trunkline.contract import InsufficientScope
from trunkline.gateway import rpc, tool_requests
from trunkline.gateway.challenge import challenge
from trunkline.gateway.envelope import Kind, Message, read, refuse_duplicates
from trunkline.gateway.exchange import JSON, Exchange, Watch
from trunkline.gateway.guard import accepts
from trunkline.gateway.headers import SESSION, VERSION
from trunkline.gateway.lane import Answer, Lane
from trunkline.gateway.sessions import LEGACY_VERSIONS, Session, Sessions
from trunkline.gateway.sweep import Sweep
from trunkline.gateway.tool_requests import ToolRequest
from trunkline.gateway.toolset import Caller
from trunkline.infra.tasks import Tasks

_LEGACY: Final = frozenset(version.encode() for version in LEGACY_VERSIONS)
_FORBIDDEN: Final = 403
_NOT_ACCEPTABLE: Final = "Not Acceptable: Client must accept both application/json and text/event-stream"


class Sdk(Protocol):
    """The other lane (implemented by `sdk_lane`)."""

    async def handle(self, exchange: Exchange, body: bytes, caller: Caller, session: Session | None) -> None: ...

    async def initialize(
        self, exchange: Exchange, body: bytes, caller: Caller, opened: Callable[[str], Session]
    ) -> None:
        """Lets the SDK answer an `initialize`; `opened` makes our session once it has made its own."""
        ...


class Endpoint:
    """Requests that the front door has let in."""

    def __init__(self, lane: Lane, sdk: Sdk, sessions: Sessions, sweep: Sweep) -> None:
        self._lane = lane
        self._sdk = sdk
        self._sessions = sessions
        self._sweep = sweep
        self._tasks = Tasks()

    def post(self, exchange: Exchange, body: bytes, caller: Caller) -> Awaitable[None]:
        """One message of a client."""
        version = exchange.headers.get(VERSION)
        answer = self._post_legacy if version is None or version in _LEGACY else self._post_modern
        return answer(exchange, body, caller)

    async def get(self, exchange: Exchange, caller: Caller) -> None:
        """A legacy session's own stream."""
        await self._of_session(exchange, caller)

    async def delete(self, exchange: Exchange, caller: Caller) -> None:
        """The end of a legacy session."""
        session = await self._of_session(exchange, caller)
        if session is not None:
            self._sessions.end(session)

    async def close(self) -> None:
        await self._tasks.close()

    async def _post_modern(self, exchange: Exchange, body: bytes, caller: Caller) -> None:
        if accepts(exchange.headers.get(b"accept", b"")) != (True, True):
            await exchange.respond(406)
            return
        try:
            request = tool_requests.quick_modern(body, exchange.headers)
            if request is None:
                message = read(body)
                if message.kind is not Kind.REQUEST or message.method not in tool_requests.METHODS:
                    refuse_duplicates(body)
                    await self._sdk.handle(exchange, body, caller, None)
                    return
                request = tool_requests.modern(message, body, exchange.headers)
            await self._lane_answer(exchange, request, caller, None)
        except rpc.Refusal as refusal:
            await exchange.respond(refusal.status, refusal.message_bytes(), JSON)

    async def _post_legacy(self, exchange: Exchange, body: bytes, caller: Caller) -> None:
        if accepts(exchange.headers.get(b"accept", b"")) != (True, True):
            await _refuse(exchange, 406, _NOT_ACCEPTABLE)
            return
        session = self._sessions.find(exchange.headers.text(SESSION) or "", caller)
        request = tool_requests.quick_legacy(body, session.protocol, session) if session is not None else None
        if session is not None and request is not None:
            await self._legacy_answer(exchange, request, caller, session)
            return
        try:
            message = read(body)
        except rpc.Refusal as refusal:
            await exchange.respond(400, refusal.message_bytes(), JSON)
            return
        try:
            await self._legacy(exchange, message, body, caller)
        except rpc.Refusal as refusal:
            await exchange.respond(200, refusal.message_bytes(), JSON)

    async def _legacy(self, exchange: Exchange, message: Message, body: bytes, caller: Caller) -> None:
        if message.method == "initialize" and SESSION not in exchange.headers:
            refuse_duplicates(body)
            await self._initialize(exchange, message, body, caller)
            return
        session = await self._session(exchange, caller)
        if session is None:
            return
        if message.kind is Kind.RESPONSE and session.replies.take(message):
            await exchange.respond(202)
        elif message.kind is Kind.REQUEST and message.method in tool_requests.METHODS:
            request = tool_requests.legacy(message, body, session.protocol, session)
            await self._legacy_answer(exchange, request, caller, session)
        else:
            refuse_duplicates(body)
            await self._through_sdk(exchange, body, caller, session)

    async def _legacy_answer(self, exchange: Exchange, request: ToolRequest, caller: Caller, session: Session) -> None:
        exchange.extra.append((SESSION, session.id.encode()))
        await self._lane_answer(exchange, request, caller, session)

    async def _lane_answer(
        self, exchange: Exchange, request: ToolRequest, caller: Caller, session: Session | None
    ) -> None:
        if not request.calls:
            await exchange.finish(await self._lane.list_tools(request, caller))
            return
        with Watch(exchange, self._sweep, self._tasks):
            answer = await self._lane.call_tool(request, caller, session.replies if session else None)
            if isinstance(answer, Answer) and answer.status == _FORBIDDEN:
                exchange.extra.append(challenge(exchange, InsufficientScope.code))
            await exchange.finish(answer)

    async def _initialize(self, exchange: Exchange, message: Message, body: bytes, caller: Caller) -> None:
        def opened(id: str) -> Session:
            session = Session(id, caller, message.params or b"{}")
            self._sessions.add(session)
            return session

        await self._sdk.initialize(exchange, body, caller, opened)

    async def _through_sdk(self, exchange: Exchange, body: bytes, caller: Caller, session: Session) -> None:
        session.open_requests += 1
        try:
            await self._sdk.handle(exchange, body, caller, session)
        finally:
            session.open_requests -= 1

    async def _of_session(self, exchange: Exchange, caller: Caller) -> Session | None:
        """Passes a GET or DELETE on to the SDK, if it is of a session; which one."""
        if _modern(exchange):
            await exchange.respond(405, b"", (b"allow", b"POST"))
            return None
        session = await self._session(exchange, caller)
        if session is not None:
            await self._through_sdk(exchange, b"", caller, session)
        return session

    async def _session(self, exchange: Exchange, caller: Caller) -> Session | None:
        """The session that the request names; None if it was refused for want of one."""
        id = exchange.headers.text(SESSION)
        if id is None:
            await _refuse(exchange, 400, "Bad Request: Missing session ID")
            return None
        session = self._sessions.find(id, caller)
        if session is None:
            await _refuse(exchange, 404, "Session not found")
        return session


def _modern(exchange: Exchange) -> bool:
    version = exchange.headers.get(VERSION)
    return version is not None and version not in _LEGACY


async def _refuse(exchange: Exchange, status: int, message: str) -> None:
    await exchange.respond(status, rpc.Refusal(rpc.INVALID_REQUEST, message).message_bytes(), JSON)
