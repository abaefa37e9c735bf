"""Administrative acts, written down: sign-in, refused token, connect, disconnect, rotate …

Calls of tools have an audit log of their own (`gateway.audit`). A detail holds no secret: what looks like one is hidden
before it is written.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.infra.log import redact
from trunkline.infra.tables import events as table


class Event(msgspec.Struct, frozen=True):
    """One act. `at` in seconds since the epoch; `outcome` is ok, refused, or the code of a fault."""

    seq: int
    at: float
    organization: str
    actor: str
    act: str
    target: str
    outcome: str
    detail: dict[str, Any]


class Events:
    """The table of events."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def record(
        self,
        organization: str,
        actor: str,
        act: str,
        target: str = "",
        *,
        outcome: str = "ok",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """`actor` is the subject who acts, empty where nobody is known; `act` is `noun.verb`: `session.begin`."""
        row = {
            "at": self._now(),
            "organization": organization,
            "actor": actor,
            "act": act,
            "target": target,
            "outcome": outcome,
            "detail": msgspec.json.encode(redact(None, "", dict(detail or {}))).decode(),
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(table).values(**row))

    async def list(self, organization: str, *, limit: int = 100, before: int | None = None) -> tuple[Event, ...]:
        """The newest first; `before` is the `seq` where the page before ended."""
        query = select(table).where(table.c.organization == organization)
        if before is not None:
            query = query.where(table.c.seq < before)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(table.c.seq.desc()).limit(limit))
            return tuple(_event(row) for row in rows)


def _event(row: Row[Any]) -> Event:
    detail = msgspec.json.decode(row.detail, type=dict[str, Any])
    return Event(row.seq, row.at, row.organization, row.actor, row.act, row.target, row.outcome, detail)
