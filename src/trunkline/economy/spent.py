"""What a task of an agent cost, and what calls taught, before either is written down. Needs no database."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Spent(msgspec.Struct, frozen=True):
    """Tokens (estimates of o200k_base) of one task, by what for.

    `everything` and `connected` are what listing all tools, and all tools of the connected services, would have cost.
    """

    id: str
    organization: str
    subject: str
    toolset: str
    client: str
    began_at: float
    ended_at: float
    turns: int
    menu: int
    discovery: int
    schemas: int
    calls: int
    answers: int
    everything: int
    connected: int

    @property
    def reaching(self) -> int:
        """What it took to reach the tools; calls and answers cost the same either way."""
        return self.menu + self.discovery + self.schemas


class Lesson(msgspec.Struct, frozen=True):
    """A call that followed a search. `before` is the tool that was called before it in the same task, or empty."""

    organization: str
    tool: str
    good: bool
    before: str = ""


class Learned(msgspec.Struct, frozen=True):
    """What an organization's calls taught: tool -> (calls, good ones), and (before, after) -> how often."""

    tools: Mapping[str, tuple[float, float]] = {}
    pairs: Mapping[tuple[str, str], float] = {}


class Books(Protocol):
    """Where both are kept."""

    async def write(self, spent: Sequence[Spent], lessons: Sequence[Lesson]) -> None: ...

    async def learned(self, organization: str) -> Learned: ...


class NoBooks:
    """Nothing is kept."""

    async def write(self, spent: Sequence[Spent], lessons: Sequence[Lesson]) -> None:
        return

    async def learned(self, organization: str) -> Learned:
        return Learned()
