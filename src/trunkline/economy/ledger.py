"""The ledger in the database: one row a task, read one organization at a time."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.economy.spent import Spent
from trunkline.infra.tables import ledger

COUNTS: Final = ("turns", "menu", "discovery", "schemas", "calls", "answers", "everything", "connected")


class Totals(msgspec.Struct, frozen=True):
    """The sums of many tasks."""

    tasks: int
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
        return self.menu + self.discovery + self.schemas


class LedgerStore:
    """Reads and writes tasks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, tasks: Sequence[Spent]) -> None:
        """Writes tasks, in the place of what was written of the same ones before."""
        if not tasks:
            return
        async with self._engine.begin() as connection:
            await connection.execute(delete(ledger).where(ledger.c.id.in_([task.id for task in tasks])))
            await connection.execute(insert(ledger), [msgspec.structs.asdict(task) for task in tasks])

    async def latest(self, organization: str, limit: int) -> tuple[Spent, ...]:
        """The newest first."""
        query = (
            select(ledger)
            .where(ledger.c.organization == organization)
            .order_by(ledger.c.ended_at.desc(), ledger.c.id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return tuple(_spent(row) for row in await connection.execute(query))

    async def totals(self, organization: str, since: float) -> Totals:
        """Of all tasks that ended at `since` (epoch seconds) or later."""
        sums = [func.coalesce(func.sum(ledger.c[name]), 0) for name in COUNTS]
        query = select(func.count(), *sums).where(ledger.c.organization == organization, ledger.c.ended_at >= since)
        async with self._engine.connect() as connection:
            return Totals(*(await connection.execute(query)).one())


def _spent(row: Row[Any]) -> Spent:
    return Spent(**{name: getattr(row, name) for name in Spent.__struct_fields__})
