"""Deadlines and other alarms of calls in flight, looked at together a few times a second.

One timer for all calls instead of one a call: `asyncio.timeout` costs 12 us, an entry here a fraction of one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

PERIOD: Final = 0.25  # seconds; how early or late an alarm may be


class Due(Protocol):
    """Whose time comes: `act` is called once when `at` (loop time, set by the sweep) has passed. It must not raise."""

    at: float

    def act(self) -> None: ...


class Alarm:
    """Calls `ring`."""

    __slots__ = ("_ring", "at")

    def __init__(self, ring: Callable[[], None]) -> None:
        self.at = 0.0
        self._ring = ring

    def act(self) -> None:
        self._ring()


class Sweep:
    """Holds the alarms of one event loop. Its timer runs only while there are any."""

    def __init__(self) -> None:
        self._pending: set[Due] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._now = 0.0  # loop time, as of the last tick or the first alarm since

    def set(self, due: Due, after: float) -> None:
        """Its time comes in `after` seconds, give or take a `PERIOD`, unless it is dropped before."""
        if self._timer is None:
            self._start()
        due.at = self._now + after
        self._pending.add(due)

    def drop(self, due: Due) -> None:
        self._pending.discard(due)

    def task(self) -> asyncio.Task[Any] | None:
        """The task that runs now; `asyncio.current_task` without its search for the loop."""
        return asyncio.current_task(self._loop)

    def _start(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._now = loop.time()
        self._timer = loop.call_later(PERIOD, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._now = loop.time()
        self._timer = loop.call_later(PERIOD, self._tick, loop) if self._pending else None
        for due in [due for due in self._pending if due.at <= self._now]:
            self._pending.discard(due)
            due.act()
