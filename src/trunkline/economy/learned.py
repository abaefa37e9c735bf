"""What calls taught, in the database: counts by organization, which fade, and never more than so many."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.economy.spent import Learned, Lesson
from trunkline.infra.tables import learned_pairs, learned_tools

HALF_LIFE: Final = 30 * 24 * 3600.0  # seconds after which a call counts half
TOOLS: Final = 1_000  # of one organization that are kept: those called last
PAIRS: Final = 2_000
_Counts = dict[tuple[str, ...], list[float]]


class LearnedStore:
    """`now` is in seconds since the epoch."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def load(self, organization: str) -> Learned:
        """What this organization's calls taught, each by what it counts now."""
        async with self._engine.connect() as connection:
            tools = await connection.execute(_of(learned_tools, organization).limit(TOOLS))
            pairs = await connection.execute(_of(learned_pairs, organization).limit(PAIRS))
            return Learned(dict(map(self._tool, tools)), dict(map(self._pair, pairs)))

    def _tool(self, row: Row[Any]) -> tuple[str, tuple[float, float]]:
        weight = self._weight(row.at)
        return row.tool, (row.calls * weight, row.good * weight)

    def _pair(self, row: Row[Any]) -> tuple[tuple[str, str], float]:
        before, after, counted, at = tuple(row)[1:]
        return (before, after), counted * self._weight(at)

    async def add(self, lessons: Sequence[Lesson]) -> None:
        """Counts lessons; what was called longest ago is forgotten where there is too much."""
        tools: _Counts = defaultdict(lambda: [0.0, 0.0])
        pairs: _Counts = defaultdict(lambda: [0.0])
        for lesson in lessons:
            counted = tools[lesson.organization, lesson.tool]
            counted[0] += 1.0
            counted[1] += lesson.good
            if lesson.before and lesson.before != lesson.tool:
                pairs[lesson.organization, lesson.before, lesson.tool][0] += 1.0
        async with self._engine.begin() as connection:
            await self._count(connection, learned_tools, ("calls", "good"), tools)
            await self._count(connection, learned_pairs, ("count",), pairs)
            for organization in {lesson.organization for lesson in lessons}:
                await _prune(connection, learned_tools, organization, TOOLS)
                await _prune(connection, learned_pairs, organization, PAIRS)

    async def reset(self, organization: str) -> None:
        """Forgets everything of this organization."""
        async with self._engine.begin() as connection:
            for table in (learned_tools, learned_pairs):
                await connection.execute(delete(table).where(table.c.organization == organization))

    async def _count(
        self,
        connection: AsyncConnection,
        table: Table,
        names: Sequence[str],
        counts: _Counts,
    ) -> None:
        """Adds to what is there, by what that counts now."""
        keys = list(table.primary_key.columns)
        for key, added in counts.items():
            which = [column == value for column, value in zip(keys, key, strict=True)]
            row = (await connection.execute(select(table).where(*which))).first()
            kept = [0.0] * len(names) if row is None else [old * self._weight(row.at) for old in row[len(keys) : -1]]
            values = {name: old + new for name, old, new in zip(names, kept, added, strict=True)} | {"at": self._now()}
            if row is None:
                values |= {column.name: value for column, value in zip(keys, key, strict=True)}
                await connection.execute(insert(table).values(**values))
            else:
                await connection.execute(update(table).where(*which).values(**values))

    def _weight(self, at: float) -> float:
        return 0.5 ** (max(self._now() - at, 0.0) / HALF_LIFE)


def _of(table: Table, organization: str) -> Any:
    return select(table).where(table.c.organization == organization).order_by(table.c.at.desc())


async def _prune(connection: AsyncConnection, table: Table, organization: str, most: int) -> None:
    oldest = select(table.c.at).where(table.c.organization == organization).order_by(table.c.at.desc())
    edge = (await connection.execute(oldest.offset(most).limit(1))).scalar_one_or_none()
    if edge is not None:
        await connection.execute(delete(table).where(table.c.organization == organization, table.c.at <= edge))
