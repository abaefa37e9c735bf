"""Where batches of audit rows go; into the embedded database, here. Runs in the writer's own thread."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from msgspec.structs import astuple

from trunkline.gateway.audit.row import COLUMNS, GENESIS, Event, link
from trunkline.infra.database import connect

# One statement for many rows: sqlite3 gives the interpreter lock away at every statement, and under load gets it back
# only after the switch interval. Row by row, a busy loop would slow the writer to a few hundred rows a second.
_CHUNKS = (512, 64, 8, 1)


class NotWritten(Exception):
    """Nothing of a batch is in the log, as far as is known."""


class Store(Protocol):
    """One hash chain: `append` is all or nothing, and moves the chain on only when the rows are committed."""

    def append(self, events: Sequence[Event], *, durable: bool) -> None:
        """Commits `events`. `durable` waits for the disk; otherwise rows survive a crash of the process only.

        Raises NotWritten; the batch then comes again, with more behind it.
        """
        ...

    def close(self) -> None: ...


class FileStore:
    """`Store` over SQLite."""

    def __init__(self, path: Path, chain: str) -> None:
        self._path = path
        self._chain = chain
        self._position = 0
        self._hash = GENESIS
        self._connection: sqlite3.Connection | None = None
        self._durable: bool | None = None  # what the connection was told

    def append(self, events: Sequence[Event], *, durable: bool) -> None:
        try:
            self._append(events, durable=durable)
        except sqlite3.Error as fault:
            raise NotWritten(str(fault)) from fault

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _append(self, events: Sequence[Event], *, durable: bool) -> None:
        connection = self._open()
        values, last = self._linked(events)
        if durable is not self._durable:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        connection.execute("BEGIN IMMEDIATE")
        try:
            _insert(connection, values)
            connection.execute("COMMIT")
        except sqlite3.Error:
            self.close()  # rolls back
            raise
        self._hash = last
        self._position += len(events)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection, self._durable = connect(self._path), None
        return self._connection

    def _linked(self, events: Sequence[Event]) -> tuple[list[object], bytes]:
        """The values of all columns, row after row, and the last hash."""
        values: list[object] = []
        last = self._hash
        for position, event in enumerate(events, self._position):
            last = link(last, self._chain, position, event)
            values += (self._chain, position, *astuple(event), bytearray(last))  # of bytes sqlite3 asks for an adapter
        return values, last


def _insert(connection: sqlite3.Connection, values: Sequence[object]) -> None:
    done, width = 0, len(COLUMNS)
    while done < len(values):
        size = next(size for size in _CHUNKS if size * width <= len(values) - done)
        connection.execute(_statement(size), values[done : done + size * width])
        done += size * width


@cache
def _statement(rows: int) -> str:
    marks = f"({','.join('?' * len(COLUMNS))})"
    return f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES {','.join([marks] * rows)}"  # noqa: S608 - our own names
