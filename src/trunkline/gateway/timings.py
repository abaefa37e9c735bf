"""Where the time of the latest calls went: kept in memory by the process that made them, and written nowhere."""

from typing import Final

import msgspec

LATEST: Final = 2_500  # calls; some 200 bytes each


class Stages(msgspec.Struct, frozen=True, gc=False):
    """Milliseconds, one after the other. `allow`: the tool found, policy asked, the connection chosen; `record`: its
    intent written; `upstream`: the service answered; `rest`: the credential sealed, the way there and back, shaping.
    """

    allow: float
    record: float
    upstream: float
    rest: float


class Timings:
    """The latest calls, by their id: at least `most`, at most twice as many."""

    def __init__(self, most: int = LATEST) -> None:
        self._most = most
        self._young: dict[str, Stages] = {}
        self._old: dict[str, Stages] = {}

    def note(self, call: str, stages: Stages) -> None:
        """Forgets the old half at once where there are too many: one by one would cost each call something."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[call] = stages

    def of(self, call: str) -> Stages | None:
        """None for a call of another process, or one that is not among the latest."""
        return self._young.get(call) or self._old.get(call)
