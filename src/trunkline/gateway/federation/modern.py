"""Upstream servers of protocol version 2026-07-28: every request stands alone."""

import itertools
from collections.abc import AsyncIterator, Awaitable
from functools import lru_cache
from typing import Final

import msgspec
import orjson

from trunkline import __version__
from trunkline.gateway.events import MODERN, CallContext, ClientRequest, LaneEvent
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.client import Client
from trunkline.gateway.federation.connection import Answer, Stream
from trunkline.gateway.federation.link import End, Outgoing, done, end, events
from trunkline.gateway.federation.param_headers import line
from trunkline.gateway.federation.wire import Message

_KEY: Final = "io.modelcontextprotocol/"
_OWN_META: Final = {
    _KEY + "protocolVersion": MODERN,
    _KEY + "clientCapabilities": {},
    _KEY + "clientInfo": {"name": "trunkline", "version": __version__},
}
_OWN_META_TEXT: Final = orjson.dumps(_OWN_META)
_HEADERS: Final = (
    "Content-Type: application/json\r\n"
    "Accept: application/json, text/event-stream\r\n"
    f"MCP-Protocol-Version: {MODERN}\r\n"
    "Mcp-Method: "
).encode()


class ModernLink:
    """Sends requests statelessly, with the client's own `_meta` where it is modern too."""

    modern = True

    def __init__(self, name: str, client: Client) -> None:
        self._name = name
        self._client = client
        self._numbers = itertools.count(1)
        self.levels: dict[str, str] = {}  # log level by legacy client session

    async def send(self, out: Outgoing) -> End | AsyncIterator[LaneEvent]:
        number = next(self._numbers)
        answer = await self._post(number, out)
        if isinstance(answer, Answer):
            plain = wire.plain_result(answer, number)
            if plain is not None:
                return done(out, *plain, modern=True)
            return end(out, wire.response(self._name, answer, number), modern=True)
        return events(answer, number, out, modern=True, ask=_no_request)

    async def stream(self, out: Outgoing) -> Stream | Message:
        """The answer as it is, for subscriptions/listen."""
        number = next(self._numbers)
        answer = await self._post(number, out)
        return answer if isinstance(answer, Stream) else wire.response(self._name, answer, number)

    async def close(self) -> None:
        """Nothing is held."""

    def _post(self, number: int, out: Outgoing) -> Awaitable[Answer | Stream]:
        context = out.context
        params = [out.members] if out.members else []
        params.append(b'"_meta":' + self._meta(context))
        if context.input_responses or context.request_state:
            params += _retried(context)
        headers = b"%b%b\r\n%b%b" % (_HEADERS, out.method.encode(), out.headers, _name_line(out.name))
        body = wire.request(number, out.method, b",".join(params))
        return self._client.post(headers, body, out.deadline, repeatable=out.repeatable)

    def _meta(self, context: CallContext) -> bytes:
        """The JSON text of `_meta`: a modern client's as it is, a legacy one's with what is required."""
        if context.modern:
            return context.meta or _OWN_META_TEXT
        level = self.levels.get(context.session.id) if context.session is not None else None
        if not context.meta and level is None:
            return _OWN_META_TEXT
        added = _OWN_META if level is None else _OWN_META | {_KEY + "logLevel": level}
        return msgspec.json.encode({**wire.members(context.meta), **added})


@lru_cache(4096)
def _name_line(name: str) -> bytes:
    return line("Mcp-Name", name) if name else b""


def _retried(context: CallContext) -> list[bytes]:
    """What a retried call brings along (SEP-2322): passed on as it is."""
    parts: list[bytes] = []
    if context.input_responses:
        parts.append(b'"inputResponses":' + context.input_responses)
    if context.request_state:
        parts.append(b'"requestState":' + context.request_state)
    return parts


def _no_request(_message: Message) -> ClientRequest | None:
    """A modern stream holds no requests; one that does is not answered."""
    return None
