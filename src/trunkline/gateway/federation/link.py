"""What both protocol eras share: a request to an upstream server and the events that come back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from trunkline.contract import (
    AllowedCall,
    Done,
    Effect,
    ToolResult,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from trunkline.gateway.events import CallContext, ClientRequest, LaneEvent, Notification, ProtocolError
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.client import NEVER
from trunkline.gateway.federation.connection import ConnectionLost, Stream, TooLarge
from trunkline.gateway.federation.wire import Message, ResultHead

OWN_SECONDS: Final = 10.0  # for requests of our own: lists, handshakes
OURS: Final = CallContext()  # the context of requests that no client asked for
CACHEABLE: Final = frozenset(
    {"prompts/list", "resources/list", "resources/templates/list", "resources/read", "tools/list"}
)

_COMPLETE: Final = b'"resultType":"complete"'
_UNCACHED: Final = b',"ttlMs":0,"cacheScope":"private"'
_LISTED: Final = ("tools", "prompts", "resources")
_MODERN_ONLY: Final = ("resultType", "ttlMs", "cacheScope")

Ask = Callable[[Message], ClientRequest | None]
End = Done | ProtocolError


class Outgoing(msgspec.Struct, frozen=True):
    """One request. `members` is the JSON text of its params without braces and without `_meta`.

    `deadline` is in loop time. `name` goes into the Mcp-Name header, `headers` are further lines.
    """

    method: str
    members: bytes = b""
    context: CallContext = OURS
    deadline: float = NEVER
    call: str = ""
    name: str = ""
    headers: bytes = b""
    repeatable: bool = True


class _Listed(msgspec.Struct, rename="camel"):
    list_changed: bool = False
    subscribe: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an upstream server says it can do; `changes` holds the lists whose changes it announces."""

    offers: frozenset[str]
    changes: frozenset[str] = field(default_factory=frozenset[str])
    subscribe: bool = False

    @property
    def announces(self) -> bool:
        """Whether it announces anything at all."""
        return bool(self.changes) or self.subscribe

    def joined(self, other: "Abilities") -> "Abilities":
        return Abilities(self.offers | other.offers, self.changes | other.changes, self.subscribe or other.subscribe)

    @staticmethod
    def of(capabilities: bytes) -> "Abilities":
        """From the JSON text of `ServerCapabilities`. Raises msgspec.DecodeError."""
        found = wire.members(capabilities)
        listed = {name: msgspec.json.decode(found[name], type=_Listed | None) for name in _LISTED if name in found}
        changes = frozenset(name for name, one in listed.items() if one is not None and one.list_changed)
        resources = listed.get("resources")
        return Abilities(frozenset(found), changes, resources is not None and resources.subscribe)


class Link(Protocol):
    """A connection to an upstream server, of either era. Raises Faults."""

    modern: bool

    def send(self, out: Outgoing) -> Awaitable[End | AsyncIterator[LaneEvent]]:
        """The end of the request, if its answer is whole; else its events, as they come."""
        ...

    async def close(self) -> None: ...


def own(method: str, members: bytes = b"", name: str = "") -> Outgoing:
    """A request of ours."""
    return Outgoing(method, members, deadline=soon(), name=name)


def soon(seconds: float = OWN_SECONDS) -> float:
    """The deadline, in loop time, of what we send by ourselves."""
    return asyncio.get_running_loop().time() + seconds


def repeatable(allowed: AllowedCall) -> bool:
    return allowed.idempotent or allowed.effect is Effect.READ


async def result_of(link: Link, out: Outgoing) -> bytes:
    """The JSON text of the result. Raises Faults; an error of the server's is UpstreamFailed."""
    answer = await link.send(out)
    if isinstance(answer, Done | ProtocolError):
        return _result(out, answer)
    async for event in answer:
        if isinstance(event, Done | ProtocolError):
            return _result(out, event)
    raise UpstreamFailed(f"{out.method}: no answer")


def _result(out: Outgoing, end: End) -> bytes:
    if isinstance(end, Done):
        return end.result.mcp
    raise UpstreamFailed(f"{out.method}: {wire.rpc_error(end.error).message}")


def end(out: Outgoing, message: Message, *, modern: bool) -> End:
    """The typed end that a JSON-RPC response is. `modern` is the era of the server."""
    error = bytes(message.error)
    if error:
        return _error(out, error, modern=modern)
    result = bytes(message.result)
    return done(out, result, wire.head(result), modern=modern)


def done(out: Outgoing, result: bytes, head: ResultHead, *, modern: bool) -> End:
    """The typed end that a result is; it is turned into the client's era, if that is another one."""
    if modern != out.context.modern:
        if head.result_type not in (None, "complete"):
            return unasked(out.call)
        result = modern_to_legacy(result) if modern else legacy_to_modern(result, out.method)
    return Done(out.call, ToolResult(mcp=result, is_error=bool(head.is_error)))


def _error(out: Outgoing, error: bytes, *, modern: bool) -> ProtocolError:
    code = wire.rpc_error(error).code
    if code == wire.RESOURCE_NOT_FOUND and out.context.modern and not modern:
        code = wire.INVALID_PARAMS  # what 2026-07-28 says instead
        error = msgspec.json.encode(wire.members(error) | {"code": msgspec.Raw(b"%d" % code)})
    return ProtocolError(out.call, code, error)


def unasked(call: str) -> ProtocolError:
    """The end of a call whose server asked for input in a way that this client's era does not have."""
    text = "The server asks for input in a way that only clients of protocol version 2026-07-28 can give."
    return ProtocolError(call, wire.INTERNAL_ERROR, wire.error_text(wire.INTERNAL_ERROR, text))


def legacy_to_modern(result: bytes, method: str) -> bytes:
    """Adds the members that a 2026-07-28 result must have."""
    added = _COMPLETE + (_UNCACHED if method in CACHEABLE else b"")
    rest = result.strip()[1:].lstrip()
    return b"{" + added + (b"}" if rest == b"}" else b"," + rest)


def modern_to_legacy(result: bytes) -> bytes:
    """Takes away the members that legacy clients do not know."""
    found = wire.members(result)
    for name in _MODERN_ONLY:
        found.pop(name, None)
    return msgspec.json.encode(found)


async def events(stream: Stream, number: int, out: Outgoing, *, modern: bool, ask: Ask) -> AsyncIterator[LaneEvent]:
    """The events of one answer stream, up to the response to request `number`.

    `ask` takes the server's own requests. Raises UpstreamTimeout, UpstreamUnavailable and UpstreamFailed. Closing the
    iterator early closes the connection.
    """
    expected = b"%d" % number
    ended = False
    try:
        async for data in stream:
            message = wire.decode(data)
            if not message.method:
                if bytes(message.id) != expected:
                    continue
                ended = True
                stream.release()
                yield end(out, message, modern=modern)
                return
            event = ask(message) if bytes(message.id) else Notification(message.method, bytes(message.params))
            if event is not None:
                yield event
    except ConnectionLost as lost:
        raise UpstreamUnavailable(f"The upstream server broke the connection: {lost}.") from lost
    except TimeoutError:
        raise UpstreamTimeout("The upstream server did not answer in time.") from None
    except TooLarge:
        raise UpstreamFailed("The upstream server's answer is too large.") from None
    finally:
        if not ended:
            stream.close()
    raise UpstreamUnavailable("The upstream server ended its answer early.")
