"""What outlives the process of a category server."""

import time
from typing import Final

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 30.0
_HEALTHY_SECONDS: Final = 10.0


class Life:
    """Counts, and how long to wait before the next start."""

    def __init__(self) -> None:
        self.calls = 0
        self.restarts = 0
        self.used_at = time.monotonic()
        self.fault = ""
        self._failures = 0
        self._not_before = 0.0

    def pause(self) -> float:
        """Seconds until the next start may be tried."""
        return max(0.0, self._not_before - time.monotonic())

    def failed(self, fault: str) -> None:
        """The first failure costs no wait, each further one twice the wait before."""
        self.fault = fault
        self._failures += 1
        pause = 0.0 if self._failures == 1 else min(_FIRST_PAUSE * 2 ** (self._failures - 2), _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause

    def died(self, started_at: float, fault: str) -> None:
        if time.monotonic() - started_at > _HEALTHY_SECONDS:
            self._failures = 0
        self.failed(fault)
