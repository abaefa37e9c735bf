"""The ledger of tokens and what calls taught: what is read of them, and how the latter is forgotten."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given, Nothing
from trunkline.admin.api.toolsets import Record
from trunkline.economy.learned import LearnedStore
from trunkline.economy.ledger import LedgerStore, Totals
from trunkline.economy.spent import Spent
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

LATEST: Final = 50
_DAY: Final = 24 * 3600.0


class Days(Given, frozen=True):
    """How far back the sums go."""

    days: Annotated[int, Meta(ge=1, le=366)] = 30


class Sheet(msgspec.Struct, frozen=True):
    """Estimated tokens (o200k_base) of agents' tasks: sums, and the latest tasks.

    `menu`, `discovery` and `schemas` are what it took to reach the tools, in the place of `everything` (listing all
    tools) or `connected` (listing those of connected services). Calls and answers cost the same either way.
    """

    days: int
    totals: Totals
    latest: tuple[Spent, ...]


class LearnedTool(msgspec.Struct, frozen=True):
    """`calls` and `good` ones, each counting less the longer ago it was."""

    tool: str
    calls: float
    good: float


class LearnedPair(msgspec.Struct, frozen=True):
    """How often `after` was called next to `before`."""

    before: str
    after: str
    count: float


class Lessons(msgspec.Struct, frozen=True):
    """The most called first."""

    tools: tuple[LearnedTool, ...]
    pairs: tuple[LearnedPair, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """For admins. `forget` tells the gateway that an organization's lessons are gone; `now` is in epoch seconds."""

    store: LedgerStore
    learned: LearnedStore
    forget: Callable[[str], None]
    record: Record
    now: Callable[[], float]

    def endpoints(self) -> Iterable[Endpoint]:
        admin = Role.ADMIN
        yield Endpoint("GET", "/ledger", admin, "What tasks cost in tokens", self.sheet, Days, Sheet)
        yield Endpoint("GET", "/learned", admin, "What calls taught the search", self.lessons, answer=Lessons)
        yield Endpoint("DELETE", "/learned", admin, "Forgets what calls taught", self.reset)

    async def sheet(self, by: SignedIn, given: Days) -> Sheet:
        totals = await self.store.totals(by.organization, self.now() - given.days * _DAY)
        return Sheet(given.days, totals, await self.store.latest(by.organization, LATEST))

    async def lessons(self, by: SignedIn, _given: Nothing) -> Lessons:
        found = await self.learned.load(by.organization)
        tools = [LearnedTool(tool, round(calls, 2), round(good, 2)) for tool, (calls, good) in found.tools.items()]
        pairs = [LearnedPair(*pair, round(count, 2)) for pair, count in found.pairs.items()]
        tools.sort(key=lambda each: (-each.calls, each.tool))
        pairs.sort(key=lambda each: (-each.count, each.before, each.after))
        return Lessons(tuple(tools), tuple(pairs))

    async def reset(self, by: SignedIn, _given: Nothing) -> Nothing:
        await self.learned.reset(by.organization)
        self.forget(by.organization)
        await self.record(by.organization, by.user, "learned.reset", by.organization)
        return Nothing()
