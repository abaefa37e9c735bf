"""The last requests and what came of them. Holds no query, no header, no value: nothing that could be a secret."""

from collections import deque
from collections.abc import Sequence
from typing import Literal

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One request. `path` is the operation's template where it is known (paths hold tokens at some services)."""

    number: int
    at: float  # seconds since the epoch
    method: str
    host: str
    path: str
    service: str
    verdict: Literal["ok", "rejected", "fault", "unknown"]
    status: int
    ms: float
    violations: tuple[str, ...] = ()  # "where pointer: rule"


class Log:
    """A ring of `size` entries; `number` goes on counting."""

    def __init__(self, size: int = 1000) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self.count = 0

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def next_number(self) -> int:
        self.count += 1
        return self.count

    def entries(self, *, after: int = 0, limit: int = 100) -> Sequence[Entry]:
        """The last `limit` entries with a number above `after`, oldest first."""
        return [entry for entry in self._entries if entry.number > after][-limit:]

    def clear(self) -> None:
        self._entries.clear()
