"""One upstream MCP server: found, listed, called, and found again after it was gone."""

import asyncio
import contextlib
import logging
import os
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from typing import Final

import msgspec
import orjson

from trunkline.contract import AllowedCall, Fact, Failed, Fault, Internal, UpstreamFailed, UpstreamUnavailable
from trunkline.gateway.events import ENDS, CallContext, LaneEvent, Notification, Reply, close
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.changes import LISTS, TOOLS, UPDATED, Changes
from trunkline.gateway.federation.client import Client
from trunkline.gateway.federation.detect import Links, detect
from trunkline.gateway.federation.legacy import Ears
from trunkline.gateway.federation.link import (
    Outgoing,
    own,
    repeatable,
    result_of,
)
from trunkline.gateway.federation.listener import Listener
from trunkline.gateway.federation.settings import UpstreamSettings
from trunkline.gateway.federation.tools import FederatedTool, federated, service_of
from trunkline.infra.tasks import Tasks

_log = logging.getLogger(__name__)

_RETRY: Final = 0.25  # seconds until a server that is down is tried again; twice as long each time that fails
_DOWN: Final = 2.0  # seconds between two tries at most, if it is down
_BROKEN: Final = 30.0  # the same, if it answers what cannot be used: reading that may take a while
_POLL: Final = 30.0  # seconds between two looks at a server that does not say when its tools change
_LISTED: Final = 300.0  # seconds a list is kept at most
_PAGES: Final = 1000
_LIST_BYTES: Final = 16 << 20  # of all pages together
KEYS: Final = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
_AUTHORIZATION: Final = ""  # one token for everybody: one authorization context

Items = tuple[bytes, ...]


class _Page(msgspec.Struct, rename="camel"):
    next_cursor: str | None = None
    ttl_ms: float = _LISTED * 1000


class Upstream:
    """One server. `changes` hears what it announces; `environment` holds its token."""

    def __init__(
        self, settings: UpstreamSettings, changes: Changes, environment: Mapping[str, str] = os.environ
    ) -> None:
        self.settings = settings
        self.service = service_of(settings)
        self.tools: tuple[FederatedTool, ...] = ()
        self.links: Links | None = None
        self.fault: Fact | None = None
        self.tried = asyncio.Event()  # the first try is over, whatever came of it
        token = environment.get(settings.token_env, "") if settings.token_env else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = Client(self.service.title, settings.url, headers)
        self._changes = changes
        self._lists: dict[tuple[str, str], tuple[float, Items]] = {}
        self._listener: Listener | None = None
        self._watched: Counter[str] = Counter()
        self._wake = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.start(self._run(), f"upstream {self.settings.id}")

    async def close(self) -> None:
        await self._tasks.close()
        if self.links is not None:
            await self.links.close()
        await self._client.close()

    @property
    def offers(self) -> frozenset[str]:
        """The capabilities that the server declares; none while it was never reached."""
        return self.links.abilities.offers if self.links is not None else frozenset()

    # calls

    def call(self, tool: FederatedTool, allowed: AllowedCall, context: CallContext) -> Awaitable[Reply]:
        members = b'"name":%b,"arguments":%b' % (orjson.dumps(tool.remote), allowed.arguments)
        headers = tool.headers.lines(allowed.arguments, context.headers)
        out = Outgoing(
            "tools/call",
            members,
            context,
            self._client.deadline(allowed.deadline),
            allowed.id,
            tool.remote,
            headers,
            repeatable(allowed),
        )
        return self.request(out)

    async def request(self, out: Outgoing) -> Reply:
        """Makes a request; a Fault is its end."""
        if self.links is None:
            return Failed(out.call, self._unavailable().fact())
        try:
            answer = await self.links.of(out.context).send(out)
        except Fault as fault:
            return self._failed(out, fault)
        return answer if isinstance(answer, ENDS) else self._streamed(out, answer)

    async def _streamed(self, out: Outgoing, events: AsyncIterator[LaneEvent]) -> AsyncGenerator[LaneEvent, None]:
        try:
            async for event in events:
                yield event
        except Fault as fault:
            yield self._failed(out, fault)
        finally:
            await close(events)

    def _failed(self, out: Outgoing, fault: Fault) -> Failed:
        if isinstance(fault, UpstreamUnavailable):
            self._wake.set()
        return Failed(out.call, fault.fact())

    async def items(self, method: str) -> Items:
        """Every item of a list, each as JSON text. Kept as long as the server allows. Raises Faults."""
        if method.partition("/")[0] not in self.offers:
            return ()
        now = asyncio.get_running_loop().time()
        kept = self._lists.get((_AUTHORIZATION, method))
        if kept is not None and kept[0] > now:
            return kept[1]
        seconds, items = await self._fetch(method)
        self._lists[_AUTHORIZATION, method] = (now + min(seconds, _LISTED), items)
        return items

    async def watch(self, uri: str) -> None:
        """From now on `changes` hears of updates of this resource. Raises Faults."""
        if self._listener is not None:
            await self._listener.subscribe(uri)
        elif self.links is not None and self.links.modern is None:
            self._watched[uri] += 1
            await result_of(self.links.own, own("resources/subscribe", b'"uri":' + orjson.dumps(uri)))

    async def unwatch(self, uri: str) -> None:
        if self._listener is not None:
            self._listener.unsubscribe(uri)
        elif self.links is not None and self.links.modern is None:
            self._watched[uri] -= 1
            if self._watched[uri] <= 0:
                del self._watched[uri]
                with contextlib.suppress(Fault):
                    await result_of(self.links.own, own("resources/unsubscribe", b'"uri":' + orjson.dumps(uri)))

    def _unavailable(self) -> UpstreamUnavailable:
        why = self.fault.message if self.fault else "It has not answered yet."
        return UpstreamUnavailable(f"{self.service.title} cannot be reached. {why}", "Try again in a moment.")

    # the life of the connection

    async def _run(self) -> None:
        pause = _RETRY
        while True:
            try:
                await self._connect()
                self.tried.set()
                pause = _RETRY
                await self._stay()
            except (Fault, msgspec.DecodeError) as error:
                await self._fail(error)
            except Exception as error:  # noqa: BLE001 - the one boundary: a bug must not end what brings a server back
                _log.exception("upstream %s", self.settings.id)
                await self._fail(Internal(f"{self.service.title} cannot be used: {type(error).__name__}."))
            self.tried.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _DOWN if self.fault is None or self.fault.retryable else _BROKEN)

    async def _connect(self) -> None:
        if self.links is None:
            self.links = await detect(self.service.title, self._client, Ears(self._heard, self._wake.set))
        await self._refresh()
        self._lists.clear()
        if self.fault is not None:
            _log.info("upstream %s is back", self.settings.id)
            self.fault = None

    async def _stay(self) -> None:
        """Returns when it is time to look again."""
        links = self.links
        if links is not None and links.modern is not None and links.abilities.announces:
            self._listener = self._listener or Listener(links.modern, self._heard)
            await self._listener.run()
            return
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL):
                await self._wake.wait()

    async def _fail(self, error: Fault | msgspec.DecodeError) -> None:
        fault = (
            error if isinstance(error, Fault) else UpstreamFailed(f"{self.service.title} answers strangely: {error}")
        )
        if self.fault is None:
            _log.warning("upstream %s: %s", self.settings.id, fault.message)
        self.fault = fault.fact()
        if not isinstance(fault, UpstreamUnavailable) and self.links is not None:
            links, self.links, self._listener = self.links, None, None  # it may have become another one: look afresh
            await links.close()

    async def _refresh(self) -> None:
        """Lists the tools again; whoever listens hears if they changed."""
        _, items = await self._fetch("tools/list") if "tools" in self.offers else (0.0, ())
        found = (federated(item, self.settings, self.service) for item in items)
        named = {tool.name: tool for tool in found if tool is not None}
        tools = tuple(named[name] for name in sorted(named))
        if [tool.definition for tool in tools] != [tool.definition for tool in self.tools]:
            self.tools = tools
            self._changes.publish(Notification(TOOLS))

    async def _fetch(self, method: str) -> tuple[float, Items]:
        """Every page of a list -> seconds it may be kept, its items."""
        if self.links is None:
            raise self._unavailable()
        items: list[bytes] = []
        cursor: bytes = b""
        size = 0
        for _ in range(_PAGES):
            result = await result_of(self.links.own, own(method, cursor))
            size += len(result)
            if size > _LIST_BYTES:
                break
            found = wire.members(result)
            items += map(bytes, msgspec.json.decode(found.get(KEYS[method], b"[]"), type=list[msgspec.Raw]))
            page = msgspec.json.decode(result, type=_Page)
            if page.next_cursor is None:
                return page.ttl_ms / 1000, tuple(items)
            cursor = b'"cursor":' + orjson.dumps(page.next_cursor)
        raise UpstreamFailed(f"{self.service.title}: {method} is longer than anybody reads.")

    # what the server says by itself

    def _heard(self, change: Notification) -> None:
        if change.method == TOOLS:
            self._tasks.start(self._relist(change), f"upstream {self.settings.id}: tools")
        elif change.method in LISTS:
            self._lists.clear()
            self._changes.publish(change)
        elif change.method == UPDATED:
            self._changes.publish(change)

    async def _relist(self, change: Notification) -> None:
        """First the new list, then the news: whoever hears it finds the new list here."""
        with contextlib.suppress(Fault, msgspec.DecodeError):
            await self._refresh()
        self._changes.publish(change)
