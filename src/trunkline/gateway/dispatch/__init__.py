"""How an allowed call reaches its category server: in process, as a child process, or at a URL."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from trunkline.contract import CategoryPort

__all__ = ["CategoryState", "Ports"]


class CategoryState(msgspec.Struct, frozen=True):
    """A category server as the status page shows it."""

    category: str
    state: str  # in process | down | starting | up | failing
    pid: int = 0
    rss_bytes: int = 0
    in_flight: int = 0
    calls: int = 0
    restarts: int = 0  # after it ended without being asked to
    fault: str = ""  # why it ended or did not start, the last time


class Ports(Protocol):
    """The category servers."""

    def of(self, category: str) -> CategoryPort: ...

    def warm(self, categories: Iterable[str]) -> None:
        """Starts them in the background, so that a call that follows finds them ready."""
        ...

    def states(self) -> tuple[CategoryState, ...]: ...

    async def close(self) -> None: ...
