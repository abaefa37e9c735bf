"""One standing `subscriptions/listen` at a modern upstream server, for everybody here who listens."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable

import msgspec

from trunkline.contract import Fault, UpstreamFailed
from trunkline.gateway.events import Notification
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.changes import Filter, bare
from trunkline.gateway.federation.connection import ConnectionLost, Stream, TooLarge
from trunkline.gateway.federation.link import OWN_SECONDS, Outgoing
from trunkline.gateway.federation.modern import ModernLink
from trunkline.infra.tasks import Tasks


class Listener:
    """Hears of every list, and of the resources that are subscribed to; `heard` takes what it hears."""

    def __init__(self, link: ModernLink, heard: Callable[[Notification], None]) -> None:
        self._link = link
        self._heard = heard
        self._uris: Counter[str] = Counter()
        self._changing = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._tasks = Tasks()

    async def run(self) -> None:
        """Listens until the stream is lost. Raises Faults when it cannot be opened."""
        self._lost.clear()
        try:
            async with self._changing:
                await self._open()
            await self._lost.wait()
        finally:
            await self._tasks.close()

    async def subscribe(self, uri: str) -> None:
        """Returns once the server has acknowledged. Raises Faults."""
        async with self._changing:
            self._uris[uri] += 1
            if self._uris[uri] == 1 and self._reader is not None:
                await self._open()

    def unsubscribe(self, uri: str) -> None:
        """What still comes for `uri` interests nobody; the next stream leaves it out."""
        self._uris[uri] -= 1
        if self._uris[uri] <= 0:
            del self._uris[uri]

    async def _open(self) -> None:
        """A new stream for what is wanted now; the old one ends only after it is acknowledged, so nothing is missed."""
        wanted = Filter(True, True, True, sorted(self._uris))
        members = b'"notifications":' + msgspec.json.encode(wanted)
        try:
            async with asyncio.timeout(OWN_SECONDS):
                stream = await self._link.stream(Outgoing("subscriptions/listen", members))
                if not isinstance(stream, Stream):
                    raise UpstreamFailed(f"subscriptions/listen: {wire.rpc_error(bytes(stream.error)).message}")
                events = aiter(stream)
                await anext(events)
        except (TimeoutError, StopAsyncIteration, ConnectionLost, TooLarge) as error:
            raise UpstreamFailed(f"subscriptions/listen is not acknowledged: {error}") from error
        old, self._reader = self._reader, self._tasks.start(self._read(stream, events), "subscriptions/listen")
        await self._stop(old)

    async def _read(self, stream: Stream, events: AsyncIterator[bytes]) -> None:
        try:
            async for data in events:
                message = wire.decode(data)
                if message.method:
                    self._heard(bare(Notification(message.method, bytes(message.params))))
        except (ConnectionLost, TimeoutError, TooLarge, Fault):
            pass
        finally:
            stream.close()
            if self._reader is asyncio.current_task():
                self._reader = None
                self._lost.set()

    async def _stop(self, reader: asyncio.Task[None] | None) -> None:
        if reader is not None and not reader.done():
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
