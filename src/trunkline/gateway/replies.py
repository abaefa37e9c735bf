"""Requests of ours that a client has yet to answer."""

import asyncio
import itertools
from typing import Final

import orjson

from trunkline.gateway import rpc
from trunkline.gateway.envelope import Message
from trunkline.gateway.events import ClientReply, ClientRequest

_MARK: Final = "trunkline-"  # no id of the SDK's own looks like this
_GONE: Final = ClientReply(error=orjson.dumps({"code": rpc.INTERNAL_ERROR, "message": "The client is gone."}))
NO_BACK_CHANNEL: Final = ClientReply(
    error=orjson.dumps({"code": rpc.METHOD_NOT_FOUND, "message": "This client cannot be asked anything."})
)


class Replies:
    """The open requests to one client. Ids are ours and never used twice."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[ClientReply]] = {}
        self._numbers = itertools.count(1)

    def ask(self, request: ClientRequest) -> bytes:
        """The JSON-RPC request to send; `request.reply` is set when its response arrives."""
        id = f"{_MARK}{next(self._numbers)}"
        self._open[id] = request.reply
        request.reply.add_done_callback(lambda _: self._open.pop(id, None))
        return rpc.request(id, request.method, request.params)

    def take(self, message: Message) -> bool:
        """Hands a client's response to whoever asked. False if nobody of ours did."""
        if not isinstance(message.id, str):
            return False
        reply = self._open.pop(message.id, None)
        if reply is None:
            return False
        settle(reply, ClientReply(message.result, message.error))
        return True

    def close(self) -> None:
        """The client is gone: nobody waits any longer."""
        for reply in list(self._open.values()):
            settle(reply, _GONE)


def settle(reply: asyncio.Future[ClientReply], answer: ClientReply) -> None:
    if not reply.done():
        reply.set_result(answer)
