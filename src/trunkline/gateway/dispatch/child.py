"""The life of one category server as a child process.

Down until the first call, or `warm`; then up; stopped when idle; replaced when it dies. Calls under way when it dies
end at once; one that only reads is sent again, once, to the next process.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Annotated, Final

import msgspec
import structlog

from trunkline.connections.ticket import TicketKey
from trunkline.contract import AllowedCall, CategoryUnavailable, Done, Effect, Event, Fact, Failed, Fault, Overloaded
from trunkline.contract.wire import Cancel, Drain
from trunkline.gateway.dispatch import CategoryState
from trunkline.gateway.dispatch.launch import Launch
from trunkline.gateway.dispatch.life import Life
from trunkline.gateway.dispatch.link import Link
from trunkline.gateway.dispatch.output import log_output
from trunkline.gateway.dispatch.running import Running
from trunkline.infra.tasks import Tasks

_STOP_SECONDS: Final = 5.0
_log = structlog.get_logger("trunkline.gateway.dispatch")

Renew = Callable[[AllowedCall, bytes], bytes]
"""A new ticket for a second dispatch of the same call."""


class ChildSettings(msgspec.Struct, frozen=True):
    """When category servers are started, stopped and given up."""

    idle_seconds: Annotated[
        float, msgspec.Meta(ge=0.1, description="A category server without calls for so long is stopped.")
    ] = 300.0
    start_seconds: float = 15.0
    ping_seconds: float = 5.0
    hang_seconds: float = 10.0  # without an answer to a ping
    in_flight: int = 512


class Child:
    """A `CategoryPort` over a child process."""

    def __init__(
        self, category: str, key: TicketKey, launch: Launch, renew: Renew, settings: ChildSettings, tasks: Tasks
    ) -> None:
        self._category = category
        self._key = key
        self._launch = launch
        self._renew = renew
        self._settings = settings
        self._tasks = tasks
        self._life = Life()
        self._up: Running | None = None
        self._starting: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def call(self, call: AllowedCall, ticket: bytes) -> AsyncIterator[Event]:
        for last in (False, True):
            link = await self._link()
            if isinstance(link, Fault):
                yield Failed(call.id, link.fact())
                return
            if self._refuses(link, call):
                yield Failed(call.id, Overloaded(f"{self._category} has too many calls under way").fact())
                return
            exchange = link.open(call, ticket)
            sent = exchange is not None
            quiet = True
            if exchange is not None:
                try:
                    while (event := await exchange.next()) is not None:
                        quiet = False
                        yield event
                        if isinstance(event, Done | Failed):
                            return
                finally:
                    link.release(exchange)
            if last or not quiet or (sent and call.effect is not Effect.READ):
                yield Failed(call.id, _lost(call, sent))
                return
            ticket = self._renew(call, ticket)

    async def cancel(self, call_id: str) -> None:
        if self._up is not None:
            self._up.link.send(Cancel(call_id))

    def warm(self) -> None:
        """Starts the process in the background unless it is up, starting, or has just failed."""
        if self._up is None and self._starting is None and self._life.pause() == 0:
            self._begin()

    def tick(self) -> None:
        """Looks after the process: to be called about every second."""
        if self._up is None:
            return
        idle = time.monotonic() - self._life.used_at
        if self._up.link.in_flight == 0 and idle > self._settings.idle_seconds:
            self._stop("idle")
        elif self._up.hangs(self._settings.ping_seconds, self._settings.hang_seconds):
            _log.error("category server hangs, killing it", category=self._category, pid=self._up.pid)
            self._up.kill()

    def state(self) -> CategoryState:
        up = self._up
        word = "up" if up else "starting" if self._starting else "failing" if self._life.pause() else "down"
        return CategoryState(
            category=self._category,
            state=word,
            pid=up.pid if up else 0,
            rss_bytes=up.rss_bytes() if up else 0,
            in_flight=up.link.in_flight if up else 0,
            calls=self._life.calls,
            restarts=self._life.restarts,
            fault=self._life.fault,
        )

    async def close(self) -> None:
        """Lets calls under way end for a moment, then ends the process."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        if self._up is not None:
            self._stop("closing")
        if self._ending:
            await asyncio.wait(self._ending)

    def _refuses(self, link: Link, call: AllowedCall) -> bool:
        self._life.used_at = time.monotonic()
        self._life.calls += 1
        return link.in_flight >= self._settings.in_flight or call.id in link

    async def _link(self) -> Link | Fault:
        """The link to the running process, which is started if need be: once, however many calls wait for it."""
        if self._up is not None:
            return self._up.link
        if self._starting is None and self._life.pause() > 0:
            return _failing(self._category, self._life)
        await asyncio.shield(self._starting or self._begin())
        return _failing(self._category, self._life) if self._up is None else self._up.link

    def _begin(self) -> asyncio.Task[None]:
        self._starting = self._tasks.start(self._start(), f"start {self._category}")
        return self._starting

    async def _start(self) -> None:
        started = time.monotonic()
        try:
            up = await self._spawn()
            self._life.used_at = time.monotonic()
            self._up = up
            took = round((self._life.used_at - started) * 1000)
            _log.info("category server up", category=self._category, pid=up.pid, ms=took)
        except (OSError, TimeoutError, CategoryUnavailable) as error:
            self._life.failed(f"did not start: {error}")
            _log.error("category server did not start", category=self._category, fault=str(error))
        finally:
            self._starting = None

    async def _spawn(self) -> Running:
        """Raises OSError, TimeoutError, or CategoryUnavailable if the process ends before it says hello."""
        launched = await self._launch.start(self._category, self._key)
        output = self._tasks.start(log_output(launched.process, self._category), f"output of {self._category}")
        link = Link(self._on_lost)
        up = Running(launched, link, output)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(up.end, 0)
            undo.callback(_close_unless_open, launched.socket, link)
            async with asyncio.timeout(self._settings.start_seconds):
                await asyncio.get_running_loop().create_unix_connection(lambda: link.stream, sock=launched.socket)
                await asyncio.wait([link.hello])
            undo.pop_all()
        if link.hello.cancelled():
            await up.end(_STOP_SECONDS)
            raise CategoryUnavailable(f"it ended with exit code {launched.process.returncode}")
        return up

    def _on_lost(self, link: Link) -> None:
        """The stream ended. If nobody asked for it the process died, and a new one takes its place."""
        up = self._up
        if up is None or up.link is not link:
            return
        self._up = None
        self._life.died(up.started_at, f"process {up.pid} died")
        self._life.restarts += 1
        _log.error("category server died", category=self._category, pid=up.pid)
        self._end(up)
        self.warm()

    def _stop(self, why: str) -> None:
        """Takes no more calls; the process ends when those under way have."""
        up, self._up = self._up, None
        assert up is not None
        _log.info("category server stops", category=self._category, pid=up.pid, why=why)
        up.link.send(Drain())
        self._end(up)

    def _end(self, up: Running) -> None:
        task = self._tasks.start(up.end(_STOP_SECONDS), f"end {self._category}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _close_unless_open(sock: socket.socket, link: Link) -> None:
    """An open stream closes its socket itself."""
    if not link.stream.open:
        sock.close()


def _failing(category: str, life: Life) -> CategoryUnavailable:
    wait = life.pause()
    hint = f"It is tried again in {wait:.1f} s: call again then." if wait else ""
    return CategoryUnavailable(f"the category server {category} is not running: {life.fault}", hint)


def _lost(call: AllowedCall, sent: bool) -> Fact:
    """The fault of a call whose server died; one that may have changed something must not be repeated blindly."""
    if not sent or call.effect is Effect.READ:
        return CategoryUnavailable(f"the category server {call.category} ended before it answered").fact()
    text = f"the category server {call.category} ended while the call was under way"
    hint = "It may or may not have taken effect: look before you call again."
    return Fact(CategoryUnavailable.code, text, hint, retryable=call.idempotent)
