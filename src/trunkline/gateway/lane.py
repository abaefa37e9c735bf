"""tools/list and tools/call in both protocol eras: a request in, JSON-RPC messages out, as bytes.

Knows nothing of HTTP or stdio. A call whose first event is its end is answered with one message; a call that has
something to say before that becomes a stream.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
import orjson

from trunkline.contract import Chunk, Failed, Fault, InsufficientScope, InvalidArguments, Progress, ToolCall
from trunkline.gateway import rpc
from trunkline.gateway.events import ENDS, ClientRequest, End, LaneEvent, Notification, ProtocolError, each
from trunkline.gateway.line import Line
from trunkline.gateway.menu import client_of
from trunkline.gateway.param_headers import disagreement
from trunkline.gateway.replies import NO_BACK_CHANNEL, Replies, settle
from trunkline.gateway.tool_requests import ToolRequest
from trunkline.gateway.toolset import Caller, Target


class Answer(msgspec.Struct, frozen=True):
    """The whole response: one JSON-RPC message, and the HTTP status that goes with it."""

    body: bytes
    status: int = 200


@dataclass(frozen=True, slots=True)
class Stream:
    """Messages for the client, one by one; the last is the response. To be closed if it is not read to its end."""

    messages: AsyncGenerator[bytes, None]


class Lane:
    """Answers tool requests that `tool_requests` has checked."""

    def __init__(self, line: Line) -> None:
        self._pipeline = line.pipeline
        self._toolsets = line.toolsets
        self._listings = line.listings
        self._answers = line.answers

    async def list_tools(self, request: ToolRequest, caller: Caller) -> Answer:
        """Raises Refusal for a cursor that is not of this list."""
        try:
            listing = await self._listings.of(caller.toolset, client_of(request.context))
            result = listing.page(request.cursor, modern=request.modern)
        except InvalidArguments as fault:
            raise rpc.Refusal(rpc.INVALID_PARAMS, fault.message, request.id) from None
        except Fault as fault:
            raise rpc.Refusal(rpc.INTERNAL_ERROR, fault.message, request.id) from None
        return Answer(rpc.success(request.id, result))

    async def call_tool(self, request: ToolRequest, caller: Caller, replies: Replies | None) -> Answer | Stream:
        """`replies` is where the client's answers to our requests arrive; None where it cannot be asked anything.

        Raises Refusal where an Mcp-Param-* header disagrees with its argument.
        """
        found = self._toolsets.known(request.name)
        if found is not None and found.headers and request.over_http:
            _check_headers(request, found)
        call = ToolCall(request.name, request.arguments)
        reply = await self._pipeline.call(caller, call, request.context, found)
        if isinstance(reply, ENDS):
            return self._end(request, reply, [])
        return await self._collected(request, each(reply), replies)

    async def _collected(
        self, request: ToolRequest, events: AsyncGenerator[LaneEvent, None], replies: Replies | None
    ) -> Answer | Stream:
        """The answer, or a stream from the first event on that the client must hear of."""
        answer: Answer | None = None
        chunks: list[bytes] = []
        async for (
            event
        ) in events:  # to its end, also after the answer: an iterator left open would need a task to close
            if isinstance(event, Chunk):
                chunks.append(event.data)
            elif message := _message(request, event, replies):
                return Stream(self._messages(message, events, request, replies, chunks))
            elif isinstance(event, ENDS):
                answer = self._end(request, event, chunks)
        return answer or _endless(request)

    async def _messages(
        self,
        first: bytes,
        events: AsyncGenerator[LaneEvent, None],
        request: ToolRequest,
        replies: Replies | None,
        chunks: list[bytes],
    ) -> AsyncGenerator[bytes, None]:
        answer: Answer | None = None
        async with aclosing(events):
            yield first
            async for event in events:
                if isinstance(event, Chunk):
                    chunks.append(event.data)
                elif message := _message(request, event, replies):
                    yield message
                elif isinstance(event, ENDS):
                    answer = self._end(request, event, chunks)
        yield (answer or _endless(request)).body

    def _end(self, request: ToolRequest, end: End, chunks: list[bytes]) -> Answer:
        """The response that the end of a call is; `chunks` came before it."""
        if isinstance(end, ProtocolError):
            status = rpc.HTTP_STATUS.get(end.code, 200) if request.modern else 200
            return Answer(rpc.failure(request.id, end.error), status)
        status = 403 if isinstance(end, Failed) and end.fact.code == InsufficientScope.code else 200
        return Answer(rpc.success(request.id, self._answers.end(end, chunks, modern=request.modern)), status)


def _check_headers(request: ToolRequest, found: Target) -> None:
    wrong = disagreement(found.headers, request.arguments, request.context.headers)
    if wrong is not None:
        raise rpc.Refusal(rpc.HEADER_MISMATCH, wrong, request.id)


def _endless(request: ToolRequest) -> Answer:
    error = {"code": rpc.INTERNAL_ERROR, "message": f"{request.name} ended without an answer."}
    return Answer(rpc.failure(request.id, orjson.dumps(error)))


def _message(request: ToolRequest, event: LaneEvent, replies: Replies | None) -> bytes:
    """What the client is told or asked, b"" if it must not be: progress without a token, a request it cannot answer."""
    if isinstance(event, Progress):
        return progress(request.token, event) if request.token else b""
    if isinstance(event, Notification):
        return rpc.notification(event.method, event.params)
    if not isinstance(event, ClientRequest):
        return b""
    if replies is None:
        settle(event.reply, NO_BACK_CHANNEL)
        return b""
    return replies.ask(event)


def progress(token: bytes, event: Progress) -> bytes:
    """A notifications/progress for the request that gave `token` (JSON text)."""
    params: dict[str, object] = {"progressToken": orjson.Fragment(token), "progress": event.progress}
    if event.total is not None:
        params["total"] = event.total
    if event.message:
        params["message"] = event.message
    return rpc.notification("notifications/progress", orjson.dumps(params))
