"""Events of a call, delivered through the SDK's session: its stream for the request, or the session's own stream."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import orjson
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import RequestId
from pydantic import BaseModel, ConfigDict, ValidationError

from trunkline.contract import Chunk, Done, Failed, Internal, Progress
from trunkline.gateway import rpc
from trunkline.gateway.events import ClientReply, ClientRequest, LaneEvent, Notification, ProtocolError
from trunkline.gateway.replies import settle
from trunkline.infra.tasks import Tasks

End = Done | Failed | ProtocolError


class AnyMessage(BaseModel):
    """A notification or request as an upstream server wrote it; the SDK only dumps it."""

    model_config = ConfigDict(extra="allow")

    method: str
    params: dict[str, Any] | None = None


class AnyResult(BaseModel):
    model_config = ConfigDict(extra="allow")


class Delivery:
    """One request of a client, as the SDK sees it."""

    def __init__(self, ctx: ServerRequestContext[Any, Any]) -> None:
        self._session = ctx.session
        self._id = ctx.request_id
        meta: Any = (ctx.params or {}).get("_meta")
        self._token: object = meta.get("progressToken") if meta else None
        self._asking = Tasks()

    async def deliver(self, events: AsyncIterator[LaneEvent]) -> tuple[End, list[bytes]]:
        """Tells the client what comes before the end; the end, and the chunks that belong to it."""
        chunks: list[bytes] = []
        try:
            async for event in events:
                if isinstance(event, Done | Failed | ProtocolError):
                    return event, chunks
                if isinstance(event, Chunk):
                    chunks.append(event.data)
                else:
                    await self._tell(event)
        finally:
            await self._asking.close()
        return Failed("", Internal("The call ended without an answer.").fact()), chunks

    async def _tell(self, event: Progress | Notification | ClientRequest) -> None:
        if isinstance(event, ClientRequest):
            self._asking.start(self._ask(event), "client request")
        elif isinstance(event, Notification):
            await notify(self._session, event, self._id)
        elif self._token is not None:
            params = {"progressToken": self._token, "progress": event.progress, "total": event.total}
            said = {"message": event.message} if event.message else {}
            text = orjson.dumps({name: value for name, value in (params | said).items() if value is not None})
            await notify(self._session, Notification("notifications/progress", text), self._id)

    async def _ask(self, request: ClientRequest) -> None:
        settle(request.reply, await ask(self._session, request.method, request.params, self._id))


class SessionOutlet:
    """A legacy session's own stream (`sessions.Outlet`)."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._tasks = Tasks()

    def notify(self, notification: Notification) -> None:
        self._tasks.start(notify(self._session, notification, None), "session notification")

    async def request(self, method: str, params: bytes) -> ClientReply:
        return await ask(self._session, method, params, None)


async def notify(session: ServerSession, notification: Notification, related: RequestId | None) -> None:
    """On the stream of the request `related`, or else on the session's own."""
    message: Any = AnyMessage(method=notification.method, params=_decoded(notification.params))
    await session.send_notification(message, related_request_id=related)


async def ask(session: ServerSession, method: str, params: bytes, related: RequestId | None) -> ClientReply:
    message: Any = AnyMessage(method=method, params=_decoded(params))
    metadata = ServerMessageMetadata(related_request_id=related)
    try:
        result = await session.send_request(message, AnyResult, metadata=metadata)
    except MCPError as refused:
        return ClientReply(error=refused.error.model_dump_json(by_alias=True, exclude_none=True).encode())
    except ValidationError:
        error = {"code": rpc.INTERNAL_ERROR, "message": "The client's answer is not what the method returns."}
        return ClientReply(error=orjson.dumps(error))
    return ClientReply(result=result.model_dump_json(by_alias=True).encode())


def _decoded(params: bytes) -> dict[str, Any] | None:
    return msgspec.json.decode(params) if params else None
