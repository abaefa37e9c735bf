"""How often something may happen: for each address, and in all."""

from collections import deque
from collections.abc import Callable
from typing import Final

from trunkline.contract import Overloaded

_MOST_ADDRESSES: Final = 10_000


class Throttle:
    """At most `each` times a window for an address and `total` times for all of them. Seconds of `now`."""

    def __init__(self, each: int, total: int, window: float, now: Callable[[], float]) -> None:
        self._each = each
        self._total = total
        self._window = window
        self._now = now
        self._all: deque[float] = deque()
        self._by: dict[str, deque[float]] = {}

    def take(self, address: str) -> None:
        """Raises Overloaded."""
        now = self._now()
        if len(self._by) >= _MOST_ADDRESSES:
            self._by.clear()
        own = self._by.setdefault(address, deque())
        for times in (own, self._all):
            while times and times[0] <= now - self._window:
                times.popleft()
        if len(own) >= self._each or len(self._all) >= self._total:
            raise Overloaded("Too many requests of this kind.", "Try again in a minute.")
        own.append(now)
        self._all.append(now)
