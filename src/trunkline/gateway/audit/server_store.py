"""Writes batches of audit rows into PostgreSQL. Runs in the writer's own thread."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from msgspec.structs import astuple, replace
from psycopg.sql import SQL, Identifier

from trunkline.gateway.audit.row import COLUMNS, GENESIS, Event, link
from trunkline.gateway.audit.store import NotWritten
from trunkline.infra import postgresql
from trunkline.infra.location import PostgreSQL

# COPY costs the writer a fifth of what INSERT does, and the loop waits for the writer's share of the interpreter.
_COPY: Final = SQL("COPY audit ({}) FROM STDIN").format(SQL(", ").join(map(Identifier, COLUMNS)))
_LAST: Final = "SELECT position FROM audit WHERE chain = %s ORDER BY seq DESC LIMIT 1"
_NUL: Final = "\0"


class ServerStore:
    """`store.Store` over a server: what was committed while the answer was lost is not written twice."""

    def __init__(self, where: PostgreSQL, chain: str) -> None:
        self._where = where
        self._chain = chain
        self._position = 0
        self._hash = GENESIS
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._doubtful = False  # whether the last commit was made is not known

    def append(self, events: Sequence[Event], *, durable: bool) -> None:
        try:
            self._append([_storable(event) for event in events], durable=durable)
        except psycopg.Error as fault:
            self._doubtful = True
            self.close()
            raise NotWritten(str(fault).strip()) from fault

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _append(self, events: Sequence[Event], *, durable: bool) -> None:
        connection = self._open()
        if self._doubtful:
            events = self._unwritten(connection, events)
            self._doubtful = False
        rows, last = self._linked(events)
        with connection.transaction():
            if not durable:
                connection.execute("SET LOCAL synchronous_commit TO off")
            with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)
        self._hash = last
        self._position += len(events)

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = postgresql.connect(self._where)
        return self._connection

    def _unwritten(self, connection: psycopg.Connection[tuple[Any, ...]], events: Sequence[Event]) -> Sequence[Event]:
        """Those of `events` that are not in the log: a batch that failed comes again, as the first of them."""
        found = connection.execute(_LAST, (self._chain,)).fetchone()
        count = 0 if found is None else found[0] + 1 - self._position
        _, self._hash = self._linked(events[:count])
        self._position += count
        return events[count:]

    def _linked(self, events: Sequence[Event]) -> tuple[list[tuple[object, ...]], bytes]:
        """Rows, and the last hash."""
        rows: list[tuple[object, ...]] = []
        last = self._hash
        for position, event in enumerate(events, self._position):
            last = link(last, self._chain, position, event)
            rows.append((self._chain, position, *astuple(event), last))
        return rows, last


def _storable(event: Event) -> Event:
    """PostgreSQL takes no NUL, and the name of a tool that is refused is whatever its caller sent."""
    return replace(event, tool=event.tool.replace(_NUL, "\ufffd")) if _NUL in event.tool else event
