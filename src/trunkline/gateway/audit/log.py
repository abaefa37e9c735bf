"""The audit log's front: an intent before a call, an outcome after it, written in batches by one thread.

A call that may change something waits until its intent is on disk; calls that come meanwhile share the next commit.
Reads do not wait: their rows follow within `LINGER` seconds, or as soon as the writer is free. If the log cannot be
written, no call is made.
"""

import asyncio
import secrets
import threading
from queue import SimpleQueue

import structlog

from trunkline.contract import AllowedCall, AuditUnavailable, Effect, Principal
from trunkline.gateway.audit.row import Event, Intent
from trunkline.gateway.audit.store import FileStore, NotWritten, Store
from trunkline.infra.clock import Clock, SystemClock
from trunkline.infra.location import Location, PostgreSQL

LINGER = 0.02  # seconds a row of a read may wait for company
GATHER = 0.001  # seconds a commit waits for company while calls come side by side
RETRY = 0.5  # seconds until a batch that failed is tried again
BACKLOG = 4_000  # rows in memory; beyond, reads wait as well, so that callers slow down to the writer's pace
LARGE = 16_384  # bytes of arguments that are not kept in memory until their row is written

_HINT = "No call is made until it can be written (is the disk full?). Try again later."
_log = structlog.get_logger("trunkline.audit")


class _Batch:
    """Rows for one commit, and who waits for it."""

    def __init__(self) -> None:
        self.events: list[Event | Intent] = []
        self.waiters: list[asyncio.Future[None]] = []

    def resolve(self, fault: AuditUnavailable | None) -> None:
        for waiter in self.waiters:
            if waiter.done():  # its caller gave up
                continue
            if fault is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(fault)
        self.waiters = []


class AuditLog:
    """One hash chain of this process. Use from one event loop: `start`, then calls, then `close`."""

    def __init__(self, where: Location, clock: Clock | None = None) -> None:
        self.chain = secrets.token_hex(8)
        self._clock = clock or SystemClock()
        self._store = _store(where, self.chain)
        self._next = _Batch()
        self._writing = False
        self._shared = False  # the last commit served several calls
        self._gathering = False  # the timer is that of a commit, not of rows that can wait
        self._failed = False
        self._timer: asyncio.TimerHandle | None = None
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_batches, name="audit", daemon=True)

    async def start(self) -> None:
        """Begins the chain. Raises `AuditUnavailable` if the database cannot be written."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        self._next.events.append(Event(self._clock.now(), "open"))
        await self._committed()

    async def close(self) -> None:
        """Writes what is left and closes the chain. Rows that cannot be written are counted in the log."""
        self._next.events.append(Event(self._clock.now(), "close"))
        try:
            await self._committed()
        except AuditUnavailable:
            _log.error("audit rows lost", rows=len(self._next.events))
        self._cancel_timer()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    @property
    def writable(self) -> bool:
        """False from a failed write until one succeeds; it is tried again by itself."""
        return not self._failed

    async def intent(self, call: AllowedCall, toolset: str = "") -> None:
        """Records that `call` is about to be made, at `toolset`. Raises `AuditUnavailable`: then it must not be."""
        if self._failed:
            raise _unavailable()
        intent = Intent(self._clock.now(), call, toolset)
        self._next.events.append(intent if len(call.arguments) <= LARGE else intent.event())
        if call.effect is not Effect.READ or len(self._next.events) >= BACKLOG:
            await self._committed()
        elif self._timer is None:
            self._linger()

    def outcome(self, call_id: str, code: str, status: int, ms: float) -> None:
        """Records how a call ended: `ok` or the fault's code, the service's HTTP status, milliseconds in all."""
        event = Event(self._clock.now(), "outcome", call=call_id, code=code, status=status, ms=round(ms, 3))
        self._next.events.append(event)
        if self._timer is None:
            self._linger()

    def refused(self, principal: Principal, tool: str, code: str, toolset: str = "") -> None:
        """Records a call that was not allowed: nothing was sent anywhere."""
        subject, organization = principal.subject, principal.organization
        event = Event(
            self._clock.now(), "refused", "", tool, subject=subject, organization=organization, code=code,
            toolset=toolset,
        )  # fmt: skip
        self._next.events.append(event)
        self._linger()

    def _linger(self) -> None:
        if self._timer is None and not self._writing:
            self._timer = self._loop.call_later(RETRY if self._failed else LINGER, self._hand_over)

    async def _committed(self) -> None:
        """Waits until every row so far is on disk. Raises `AuditUnavailable`."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._next.waiters.append(waiter)
        if not self._writing:
            self._commit_soon()
        await waiter

    def _commit_soon(self) -> None:
        """At once for a call alone; while calls share commits, a moment later, so that more of them do."""
        if not self._shared:
            self._hand_over()
        elif not self._gathering:
            self._cancel_timer()
            self._gathering = True
            self._timer = self._loop.call_later(GATHER, self._hand_over)

    def _hand_over(self) -> None:
        self._cancel_timer()
        batch, self._next = self._next, _Batch()
        self._writing, self._gathering = True, False
        self._queue.put(batch)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write_batches(self) -> None:
        """The writer thread."""
        while (batch := self._queue.get()) is not None:
            fault: NotWritten | None = None
            try:
                events = [each.event() if isinstance(each, Intent) else each for each in batch.events]
                self._store.append(events, durable=bool(batch.waiters))
            except NotWritten as raised:
                fault = raised
            self._loop.call_soon_threadsafe(self._written, batch, fault)
        self._store.close()

    def _written(self, batch: _Batch, fault: NotWritten | None) -> None:
        """Back on the loop: wakes who waits, and hands over what has come meanwhile."""
        self._writing = False
        self._note(fault)
        self._shared = len(batch.waiters) > 1
        if fault is None:
            batch.resolve(None)
        else:
            batch.resolve(_unavailable())
            self._next.resolve(_unavailable())
            self._next.events[:0] = batch.events
        if self._next.waiters:
            self._commit_soon()
        elif self._next.events:
            self._linger()

    def _note(self, fault: NotWritten | None) -> None:
        if fault is not None and not self._failed:
            _log.error("audit log cannot be written: calls are refused", reason=str(fault))
        if fault is None and self._failed:
            _log.info("audit log can be written again")
        self._failed = fault is not None


def _store(where: Location, chain: str) -> Store:
    if isinstance(where, PostgreSQL):
        from trunkline.gateway.audit.server_store import ServerStore  # noqa: PLC0415 - psycopg

        return ServerStore(where, chain)
    return FileStore(where, chain)


def _unavailable() -> AuditUnavailable:
    return AuditUnavailable("The audit log cannot be written.", _HINT)
