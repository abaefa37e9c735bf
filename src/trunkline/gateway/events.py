"""What a call says and hears besides its arguments and its answer.

JSON texts are bytes, passed on undecoded; b"" means absent. A call says any number of `Progress`, `Chunk`,
`Notification` and `ClientRequest`, then exactly one end: `Done`, `Failed` or `ProtocolError`. Most have nothing to say
before their end and are answered with that alone (`Reply`), for an iterator costs more than passing the answer on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from trunkline.contract import Done, Event, Failed

MODERN: Final = "2026-07-28"  # the first version without a handshake: everything before it is legacy

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Notification:
    """A JSON-RPC notification for the client: progress, log messages, list changes."""

    method: str
    params: bytes = b""


@dataclass(frozen=True, slots=True)
class ClientReply:
    """The client's answer to a `ClientRequest`: the JSON text of either `result` or JSON-RPC `error`."""

    result: bytes = b""
    error: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class ClientRequest:
    """A request of an upstream server to the client: sampling/createMessage, elicitation/create, roots/list.

    Legacy era only. Whoever delivers it sets `reply`; a reply that cannot come is an error, never silence.
    """

    method: str
    params: bytes
    reply: asyncio.Future[ClientReply]


@dataclass(frozen=True, slots=True)
class ProtocolError:
    """The end of a call that an upstream refused on the protocol's own level: its JSON-RPC error object, passed on."""

    call: str
    code: int
    error: bytes


LaneEvent = Event | Notification | ClientRequest | ProtocolError
End = Done | Failed | ProtocolError
ENDS: Final = (Done, Failed, ProtocolError)  # for isinstance: a union is made anew wherever it is written

Reply = End | AsyncIterator[LaneEvent]
"""A call's end, if nothing comes before it; else its events up to its end, to be closed if they are not read so far."""


async def each(reply: Reply) -> AsyncGenerator[LaneEvent, None]:
    """All events of a call, whichever way it was answered."""
    if isinstance(reply, ENDS):
        yield reply
        return
    try:
        async for event in reply:
            yield event
    finally:
        await close(reply)


async def close(events: AsyncIterator[object]) -> None:
    """Gives a call up at once, if its iterator can be closed and is not at its end anyway."""
    if isinstance(events, AsyncGenerator):
        await events.aclose()


class ClientSession(Protocol):
    """A legacy client's session: where messages go that belong to no call."""

    @property
    def id(self) -> str: ...

    @property
    def protocol(self) -> str: ...

    @property
    def initialize(self) -> bytes:
        """JSON text of the `initialize` params: protocolVersion, capabilities, clientInfo."""
        ...

    def notify(self, notification: Notification) -> None:
        """Puts a notification on the session's own stream; dropped when nobody listens."""
        ...

    async def request(self, method: str, params: bytes) -> ClientReply:
        """Asks the client on the session's own stream; an error reply when nobody listens."""
        ...


class CallContext(msgspec.Struct, frozen=True):
    """What a request says besides method, name and arguments.

    `session` is None in the modern era and for a legacy client without one. `input_responses` and `request_state`
    are those of a retried modern call (SEP-2322). `headers` holds the request's Mcp-Param-* headers, lower case.
    """

    protocol: str = MODERN
    session: ClientSession | None = None
    meta: bytes = b""
    input_responses: bytes = b""
    request_state: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=lambda: _NO_HEADERS)

    @property
    def modern(self) -> bool:
        return self.protocol >= MODERN
