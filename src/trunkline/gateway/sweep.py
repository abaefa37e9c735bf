"""Deadlines and other alarms of calls in flight, looked at together a few times a second.

One timer for all calls instead of one a call: `asyncio.timeout` costs 12 us, an entry here a fraction of one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

PERIOD: Final = 0.25  # seconds; how early or late an alarm may be


class Alarm:
    """`act` is called once `at` (loop time) has passed, unless cancelled before."""

    __slots__ = ("_pending", "act", "at")

    def __init__(self, pending: "set[Alarm]", at: float, act: Callable[[], None]) -> None:
        self._pending = pending
        self.at = at
        self.act = act

    def cancel(self) -> None:
        """Lets go of `act` too: who set the alarm holds it, and a cycle with each call is left to the collector."""
        self._pending.discard(self)
        self.act = _nothing


def _nothing() -> None:
    return


class Sweep:
    """Holds the alarms of one event loop. Its timer runs only while there are any."""

    def __init__(self) -> None:
        self._pending: set[Alarm] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._now = 0.0  # loop time, as of the last tick or the first alarm since

    def alarm(self, after: float, act: Callable[[], None]) -> Alarm:
        """Call `act` in `after` seconds, give or take a `PERIOD`. `act` must not raise."""
        if self._timer is None:
            self._start()
        alarm = Alarm(self._pending, self._now + after, act)
        self._pending.add(alarm)
        return alarm

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
        for alarm in [alarm for alarm in self._pending if alarm.at <= self._now]:
            self._pending.discard(alarm)
            alarm.act()
