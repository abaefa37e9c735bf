"""All upstream MCP servers as one (`gateway.upstreams.Upstreams`): what the rest of the gateway uses."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

import msgspec

from trunkline.contract import AllowedCall, Failed, Fault, NotFound
from trunkline.gateway.events import CallContext, ClientSession, LaneEvent, Notification, Reply
from trunkline.gateway.federation.changes import LISTS, TOOLS, UPDATED, Changes, Filter, uri_of
from trunkline.gateway.federation.relay import Misdirected, Relay
from trunkline.gateway.federation.settings import UpstreamSettings
from trunkline.gateway.federation.tools import FederatedTool
from trunkline.gateway.federation.upstream import Upstream
from trunkline.infra.tasks import Tasks

_FIRST_TRY: Final = 1.0  # seconds that `start` waits for the servers' first answers


class UpstreamState(msgspec.Struct, frozen=True):
    """One server as the status page shows it. `fault` is empty while it answers."""

    id: str
    title: str
    url: str
    era: str
    tools: int
    fault: str = ""


class Federation:
    """The configured upstream servers. `environment` holds their tokens."""

    def __init__(self, settings: Sequence[UpstreamSettings], environment: Mapping[str, str] = os.environ) -> None:
        self._changes = Changes()
        self._upstreams = {one.id: Upstream(one, self._changes, environment) for one in settings}
        self._relay = Relay(tuple(self._upstreams.values()))
        self._tasks = Tasks()
        self._tools: tuple[FederatedTool, ...] = ()
        self._by_name: dict[str, FederatedTool] = {}
        self._attached: dict[str, Callable[[], None]] = {}
        self._changes.subscribe(self._relist)  # before anybody else: who hears of new tools finds them here

    async def start(self) -> None:
        """Begins to reach the servers, and waits a moment for their first answers."""
        for one in self._upstreams.values():
            one.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_TRY):
                await asyncio.gather(*(one.tried.wait() for one in self._upstreams.values()))

    async def close(self) -> None:
        await self._tasks.close()
        await asyncio.gather(*(one.close() for one in self._upstreams.values()))

    # tools

    def tools(self) -> tuple[FederatedTool, ...]:
        """The last known tools of every server, by name: the same object until they change."""
        return self._tools

    def find(self, name: str) -> FederatedTool | None:
        return self._by_name.get(name)

    def call(self, allowed: AllowedCall, context: CallContext) -> Awaitable[Reply]:
        """Makes an allowed tools/call; the tool's name is looked up once more, as lists change."""
        tool = self._by_name.get(allowed.tool)
        if tool is None:
            return _failed(allowed.id, NotFound(f"There is no tool {allowed.tool!r} any more."))
        return self._upstreams[tool.service.id].call(tool, allowed, context)

    def _relist(self, change: Notification) -> None:
        if change.method == TOOLS:
            # Of two servers with a tool of the same name the first configured one has it.
            parts = reversed([one.tools for one in self._upstreams.values()])
            self._by_name = {tool.name: tool for part in parts for tool in part}
            self._tools = tuple(self._by_name[name] for name in sorted(self._by_name))

    # everything else

    def serves(self, method: str) -> bool:
        """Whether any server serves this method (prompts/list, say)."""
        return self._relay.serves(method)

    def relay(self, method: str, params: bytes, context: CallContext) -> AsyncIterator[LaneEvent]:
        """Any request besides tools/*; `Done.result.mcp` is its result, in the client's era."""
        return self._relay.request(method, params, context)

    async def listen(self, wanted: bytes, subscription: bytes) -> AsyncIterator[LaneEvent]:
        """One `subscriptions/listen` (2026-07-28): its acknowledgement, then the changes it asked for, until closed.

        `wanted` is the JSON text of its `notifications`, `subscription` that of the request's id.
        """
        wishes = msgspec.json.decode(wanted or b"{}", type=Filter)
        watched: list[tuple[Upstream, str]] = []
        try:
            for uri in wishes.resource_subscriptions:
                with contextlib.suppress(Fault, Misdirected):
                    one = await self._relay.owner(uri)
                    await one.watch(uri)
                    watched.append((one, uri))
            async for event in self._changes.stream(wishes, subscription):
                yield event
        finally:
            for one, uri in watched:
                self._tasks.start(one.unwatch(uri), "unwatch")

    def notify(self, session: ClientSession, method: str, params: bytes) -> None:
        """A legacy client's notification (roots/list_changed), for the sessions opened for it."""
        for one in self._upstreams.values():
            legacy = one.links.legacy if one.links is not None else None
            opened = legacy.opened(session) if legacy is not None else None
            if opened is not None:
                self._tasks.start(_quietly(opened.notify(method, params)), "notify")

    def attach(self, session: ClientSession) -> None:
        """A legacy client's session begins: it hears of changes."""

        def hear(change: Notification) -> None:
            if change.method in LISTS or (change.method == UPDATED and self._relay.watches(session, uri_of(change))):
                session.notify(change)

        if session.id not in self._attached:
            self._attached[session.id] = self._changes.subscribe(hear)

    def detach(self, session: ClientSession) -> None:
        """A legacy client's session is over: what was opened for it is closed."""
        end = self._attached.pop(session.id, None)
        if end is not None:
            end()
        self._tasks.start(_quietly(self._relay.forget(session)), "forget")

    def states(self) -> tuple[UpstreamState, ...]:
        """For the status page."""
        return tuple(_state(one) for one in self._upstreams.values())


def _state(one: Upstream) -> UpstreamState:
    era = "" if one.links is None else "modern" if one.links.modern is not None else "legacy"
    fault = one.fault.message if one.fault is not None else "" if one.tried.is_set() else "not reached yet"
    return UpstreamState(one.settings.id, one.service.title, one.settings.url, era, len(one.tools), fault)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """What need not arrive: a server that is down hears nothing."""
    with contextlib.suppress(Fault, Misdirected):
        await work


async def _failed(call: str, fault: Fault) -> Reply:
    return Failed(call, fault.fact())
