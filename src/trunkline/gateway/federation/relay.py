"""Every method besides tools/*: which server a request belongs to, and how the lists of several become one."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from trunkline.contract import Done, Failed, Fault, ToolResult
from trunkline.gateway.events import CallContext, ClientSession, LaneEvent, ProtocolError, each
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.legacy import LegacyLink
from trunkline.gateway.federation.link import Outgoing, legacy_to_modern, soon
from trunkline.gateway.federation.modern import ModernLink
from trunkline.gateway.federation.upstream import KEYS, Upstream
from trunkline.gateway.federation.wire import Members

OFFERS: Final[Mapping[str, str]] = {
    "prompts/list": "prompts",
    "prompts/get": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resources",
    "resources/read": "resources",
    "resources/subscribe": "resources",
    "resources/unsubscribe": "resources",
    "completion/complete": "completions",
    "logging/setLevel": "logging",
}
_SECONDS: Final = 60.0  # for a relayed request: the client may be asked something meanwhile
_HOLE: Final = re.compile(r"\{([^}]*)\}")


class _Ref(msgspec.Struct):
    """A completion's `ref`: a prompt by name, a resource by URI."""

    type: str
    name: str = ""
    uri: str = ""


class _Named(msgspec.Struct):
    uri: str = ""
    template: str = msgspec.field(default="", name="uriTemplate")


class Misdirected(Exception):
    """No server here has what the request names."""


class Relay:
    """The upstream servers as one."""

    def __init__(self, upstreams: Sequence[Upstream]) -> None:
        self._upstreams = upstreams
        self._watched: dict[str, set[str]] = {}  # resources of modern servers, by legacy client session

    def serves(self, method: str) -> bool:
        if method == "subscriptions/listen":  # whatever a server announces: its tools may change at any rate
            return any(one.links is not None for one in self._upstreams)
        return any(OFFERS.get(method) in one.offers for one in self._upstreams)

    def watches(self, session: ClientSession, uri: str) -> bool:
        """Whether this legacy client subscribed to a resource of a modern server."""
        return uri in self._watched.get(session.id, ())

    async def request(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        """The events of one request, up to its end."""
        try:
            members, context = _unwrapped(params, context)
            if method in KEYS:
                yield await self._list(method, members, context)
            elif method == "logging/setLevel":
                yield await self._set_level(members, context)
            elif method in ("resources/subscribe", "resources/unsubscribe"):
                yield await self._subscription(method, members, context)
            else:
                upstream, out = await self._routed(method, members, context)
                async for event in each(await upstream.request(out)):
                    yield event
        except Misdirected as error:
            yield ProtocolError("", wire.INVALID_PARAMS, wire.error_text(wire.INVALID_PARAMS, str(error)))
        except (Fault, msgspec.DecodeError) as error:
            yield Failed("", error.fact()) if isinstance(error, Fault) else _malformed(method)

    async def owner(self, uri: str) -> Upstream:
        """The server that has this resource: the one that lists it, that has a template for it, or the first.

        Raises Misdirected.
        """
        serving = [one for one in self._upstreams if "resources" in one.offers]
        if not serving:
            raise Misdirected("No server here has resources.")
        if len(serving) == 1:
            return serving[0]
        for method, fits in (("resources/list", _is), ("resources/templates/list", _matches)):
            for one in serving:
                if any(fits(item, uri) for item in await _items(one, method)):
                    return one
        return serving[0]

    async def forget(self, session: ClientSession) -> None:
        """A legacy client's session is over."""
        for uri in self._watched.pop(session.id, set()):
            await (await self.owner(uri)).unwatch(uri)
        for links in (one.links for one in self._upstreams if one.links is not None):
            if links.legacy is not None:
                await links.legacy.forget(session)
            if links.modern is not None:
                links.modern.levels.pop(session.id, None)

    async def _list(self, method: str, members: Members, context: CallContext) -> LaneEvent:
        if bytes(members.get("cursor", wire.NOTHING)) not in (b"", b"null"):
            raise Misdirected("Invalid cursor")
        texts: list[bytes] = []
        for one in self._upstreams:
            items = await _items(one, method)
            prefix = one.settings.names_prefix if method == "prompts/list" else ""
            texts += [_prefixed(item, prefix) for item in items] if prefix else items
        result = b'{"%b":[%b]}' % (KEYS[method].encode(), b",".join(texts))
        return Done("", ToolResult(mcp=legacy_to_modern(result, method) if context.modern else result))

    async def _set_level(self, members: Members, context: CallContext) -> LaneEvent:
        """Every server of the session hears of it; a modern one with each request (2026-07-28, `logLevel`)."""
        level = msgspec.json.decode(members.get("level", b'""'), type=str)
        session = context.session
        for one in self._upstreams:
            link = one.links.of(context) if one.links is not None else None
            if isinstance(link, ModernLink) and session is not None:
                link.levels[session.id] = level
            elif isinstance(link, LegacyLink) and "logging" in one.offers:
                end = await _end(one, Outgoing("logging/setLevel", wire.join(members), context, soon()))
                if not isinstance(end, Done):
                    return end
        return Done("", ToolResult(mcp=b"{}"))

    async def _subscription(self, method: str, members: Members, context: CallContext) -> LaneEvent:
        """A legacy client's subscription: with its own session at a legacy server, by our listening at a modern one."""
        uri = msgspec.json.decode(members.get("uri", wire.NOTHING), type=str)
        one = await self.owner(uri)
        session = context.session
        if session is None or (one.links is not None and one.links.legacy is not None):
            return await _end(one, Outgoing(method, wire.join(members), context, soon()))
        watched = self._watched.setdefault(session.id, set())
        if method == "resources/subscribe" and uri not in watched:
            await one.watch(uri)
            watched.add(uri)
        elif method == "resources/unsubscribe" and uri in watched:
            watched.discard(uri)
            await one.unwatch(uri)
        return Done("", ToolResult(mcp=b"{}"))

    async def _routed(self, method: str, members: Members, context: CallContext) -> tuple[Upstream, Outgoing]:
        match method:
            case "prompts/get":
                one, name = self._prompt(msgspec.json.decode(members.get("name", wire.NOTHING), type=str))
                members = members | {"name": msgspec.Raw(msgspec.json.encode(name))}
            case "resources/read":
                name = msgspec.json.decode(members.get("uri", wire.NOTHING), type=str)
                one = await self.owner(name)
            case "completion/complete":
                one, members = await self._completion(members)
                name = ""
            case _:
                raise Misdirected(f"{method} is not relayed.")
        return one, Outgoing(method, wire.join(members), context, soon(_SECONDS), name=name)

    async def _completion(self, members: Members) -> tuple[Upstream, Members]:
        ref = msgspec.json.decode(members.get("ref", wire.NOTHING), type=_Ref)
        if ref.type != "ref/prompt":
            return await self.owner(ref.uri), members
        one, name = self._prompt(ref.name)
        parts = wire.members(bytes(members["ref"])) | {"name": msgspec.Raw(msgspec.json.encode(name))}
        return one, members | {"ref": msgspec.Raw(msgspec.json.encode(parts))}

    def _prompt(self, name: str) -> tuple[Upstream, str]:
        """The server of a prompt and the prompt's name there: the longest prefix wins. Raises Misdirected."""
        serving = [one for one in self._upstreams if "prompts" in one.offers]
        fitting = [one for one in serving if name.startswith(one.settings.names_prefix)]
        if not fitting:
            raise Misdirected(f"Unknown prompt: {name}")
        one = max(fitting, key=lambda each: len(each.settings.names_prefix))
        return one, name.removeprefix(one.settings.names_prefix)


def _unwrapped(params: bytes, context: CallContext) -> tuple[Members, CallContext]:
    """The params' members without `_meta`, which the context carries; what a retried call brings is in one of both."""
    members = wire.members(params)
    meta = bytes(members.pop("_meta", wire.NOTHING))
    if meta and not context.meta:
        context = msgspec.structs.replace(context, meta=meta)
    if "inputResponses" in members or "requestState" in members:
        context = msgspec.structs.replace(context, input_responses=b"", request_state=b"")
    return members, context


async def _items(upstream: Upstream, method: str) -> Sequence[bytes]:
    """Its list; empty while it is down, so that the others' lists can be had."""
    try:
        return await upstream.items(method)
    except Fault:
        return ()


async def _end(upstream: Upstream, out: Outgoing) -> LaneEvent:
    """The end of a request that has no other events."""
    end: LaneEvent = _malformed(out.method)
    async for event in each(await upstream.request(out)):
        end = event
    return end


def _prefixed(item: bytes, prefix: str) -> bytes:
    members = wire.members(item)
    name = msgspec.json.decode(members["name"], type=str)
    return msgspec.json.encode(members | {"name": msgspec.Raw(msgspec.json.encode(prefix + name))})


def _is(item: bytes, uri: str) -> bool:
    return msgspec.json.decode(item, type=_Named).uri == uri


def _matches(item: bytes, uri: str) -> bool:
    """Whether a URI may come of a template (RFC 6570); a plain hole takes one path segment."""
    template = msgspec.json.decode(item, type=_Named).template
    parts = _HOLE.split(template)
    literal = (re.escape(part) if at % 2 == 0 else _hole(part) for at, part in enumerate(parts))
    return re.fullmatch("".join(literal), uri) is not None


def _hole(expression: str) -> str:
    return ".*" if expression[:1] in ("+", "#", "/", "?", "&", ";") else "[^/]*"


def _malformed(method: str) -> ProtocolError:
    text = wire.error_text(wire.INVALID_PARAMS, f"{method}: invalid request parameters")
    return ProtocolError("", wire.INVALID_PARAMS, text)
