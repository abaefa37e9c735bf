"""How much is called, how fast and how well: the last hour by minutes, kept up to date from the audit log.

The log is read from where the last look ended, and of a long absence only the end, in small batches: looking costs the
same whatever the log's size, and calls do not wait for it. One reading serves all organizations.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.infra.tables import audit

MINUTES: Final = 60
BEHIND: Final = 10_000  # rows before the newest that are read at most
_BATCH: Final = 2_000
_MINUTE: Final = 60.0
_FINE: Final = 20  # steps a decade: a percentile is right within 12 %
_GOOD: Final = ("", "ok")
_intent = audit.alias("intent")


class Minute(msgspec.Struct, frozen=True):
    """`at` is its begin; `failed` of `calls` did not succeed."""

    at: float
    calls: int
    failed: int


class LastHour(msgspec.Struct, frozen=True):
    """`minutes`, the present one last. `p50` and `p95` in milliseconds, 0 without calls.

    `since`: calls before were not counted, for they are older than an hour, or there were more than are read.
    """

    minutes: tuple[Minute, ...]
    calls: int
    failed: int
    p50: float
    p95: float
    since: float


@dataclass
class _Count:
    calls: int = 0
    failed: int = 0
    times: Counter[int] = field(default_factory=Counter[int])

    def add(self, code: str, ms: float) -> None:
        self.calls += 1
        self.failed += code not in _GOOD
        if ms > 0:
            self.times[round(_FINE * math.log10(ms))] += 1


class Traffic:
    """Counts of every organization."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now
        self._seq = 0
        self._since = 0.0
        self._counts: dict[str, dict[int, _Count]] = {}
        self._reading = asyncio.Lock()

    async def of(self, organization: str) -> LastHour:
        async with self._reading:
            await self._read()
        last = int(self._now() // _MINUTE)
        counts = self._counts.get(organization, {})
        return _summary(counts, range(last - MINUTES + 1, last + 1), self._since)

    async def _read(self) -> None:
        """What has come since the last look."""
        newest = await self._newest()
        if newest - BEHIND > self._seq:
            self._seq, self._since = newest - BEHIND, 0.0
            self._counts.clear()
        while rows := await self._batch(newest):
            for row in rows:
                self._add(row)
            self._seq = rows[-1].seq
        self._seq = max(self._seq, newest)
        self._forget()

    async def _newest(self) -> int:
        async with self._engine.connect() as connection:
            return (await connection.execute(select(func.max(audit.c.seq)))).scalar() or 0

    async def _batch(self, newest: int) -> list[Any]:
        """Ends of calls, and refusals, which say whose they are themselves."""
        begun = and_(_intent.c.call == audit.c.call, audit.c.call != "", _intent.c.kind == "intent")
        whose = func.coalesce(_intent.c.organization, audit.c.organization).label("organization")
        query = (
            select(audit.c.seq, audit.c.at, audit.c.code, audit.c.ms, whose)
            .select_from(audit.outerjoin(_intent, begun))
            .where(audit.c.seq > self._seq, audit.c.seq <= newest, audit.c.kind.in_(("outcome", "refused")))
            .order_by(audit.c.seq)
            .limit(_BATCH)
        )
        async with self._engine.connect() as connection:
            return list(await connection.execute(query))

    def _add(self, row: Any) -> None:
        self._since = self._since or row.at
        minutes = self._counts.setdefault(row.organization, {})
        minutes.setdefault(int(row.at // _MINUTE), _Count()).add(row.code, row.ms)

    def _forget(self) -> None:
        first = int(self._now() // _MINUTE) - MINUTES + 1
        self._since = max(self._since, first * _MINUTE)
        for organization, minutes in list(self._counts.items()):
            kept = {minute: count for minute, count in minutes.items() if minute >= first}
            if kept:
                self._counts[organization] = kept
            else:
                del self._counts[organization]


def _summary(counts: Mapping[int, _Count], minutes: range, since: float) -> LastHour:
    shown = [(minute, counts.get(minute) or _Count()) for minute in minutes]
    times: Counter[int] = Counter()
    for _, count in shown:
        times.update(count.times)
    return LastHour(
        tuple(Minute(minute * _MINUTE, count.calls, count.failed) for minute, count in shown),
        sum(count.calls for _, count in shown),
        sum(count.failed for _, count in shown),
        _percentile(times, 0.5),
        _percentile(times, 0.95),
        since,
    )


def _percentile(times: Mapping[int, int], part: float) -> float:
    wanted, seen = part * sum(times.values()), 0
    for step in sorted(times):
        seen += times[step]
        if seen >= wanted:
            return float(10 ** (step / _FINE))
    return 0.0
