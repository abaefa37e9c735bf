"""Where the time of the latest calls went: kept in memory by the process that made them, and written nowhere."""

from typing import Final

import msgspec

LATEST: Final = 5_000  # calls; some 200 bytes each


class Stages(msgspec.Struct, frozen=True, gc=False):
    """Milliseconds, one after the other. `allow`: the tool found, policy asked, the connection chosen; `record`: its
    intent written; `upstream`: the service answered; `rest`: the credential sealed, the way there and back, shaping.
    """

    allow: float
    record: float
    upstream: float
    rest: float


class Timings:
    """The latest calls, by their id."""

    def __init__(self, most: int = LATEST) -> None:
        self._most = most
        self._kept: dict[str, Stages] = {}

    def note(self, call: str, stages: Stages) -> None:
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]  # dicts keep their order: this is the oldest
        self._kept[call] = stages

    def of(self, call: str) -> Stages | None:
        """None for a call of another process, or one that is not among the latest."""
        return self._kept.get(call)
