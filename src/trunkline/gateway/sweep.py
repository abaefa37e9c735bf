"""Deadlines and other alarms of calls in flight, looked at together a few times a second.

One timer for all calls instead of one a call: `asyncio.timeout` costs 12 us, an entry here a fraction of one.
"""

import asyncio
from collections.abc import Callable
from typing import Final

PERIOD: Final = 0.25  # seconds; how late an alarm may be


class Alarm:
    """`act` is called once `at` (loop time) has passed, unless cancelled before."""

    __slots__ = ("_sweep", "act", "at")

    def __init__(self, sweep: "Sweep", at: float, act: Callable[[], None]) -> None:
        self._sweep = sweep
        self.at = at
        self.act = act

    def cancel(self) -> None:
        self._sweep.pending.discard(self)


class Sweep:
    """Holds the alarms of one event loop. Its timer runs only while there are any."""

    def __init__(self) -> None:
        self.pending: set[Alarm] = set()
        self._timer: asyncio.TimerHandle | None = None

    def alarm(self, after: float, act: Callable[[], None]) -> Alarm:
        """Call `act` in `after` seconds, at most `PERIOD` late. `act` must not raise."""
        loop = asyncio.get_running_loop()
        alarm = Alarm(self, loop.time() + after, act)
        self.pending.add(alarm)
        if self._timer is None:
            self._timer = loop.call_later(PERIOD, self._tick, loop)
        return alarm

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = loop.call_later(PERIOD, self._tick, loop) if self.pending else None
        for alarm in [alarm for alarm in self.pending if alarm.at <= now]:
            self.pending.discard(alarm)
            alarm.act()
