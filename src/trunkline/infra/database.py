"""The database, brought to the current schema at start: one SQLite file in write-ahead mode, or PostgreSQL.

A new file gets the whole schema from `schema.sql`; everything else is migrated. Plain drivers look which it is, so that
alembic, which takes a second to import, is imported only where there is something to migrate.
"""

import fcntl
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from trunkline.contract import InvalidSettings
from trunkline.infra.location import Location, PostgreSQL

HEAD = "0008"  # the newest revision in migrations/versions; a test compares
SCHEMA = Path(__file__).with_name("schema.sql")
BUSY_SECONDS = 10.0


def prepare(where: Location) -> None:
    """Creates or migrates the database; a server that is still starting is waited for.

    Raises `InvalidSettings` if it is damaged, out of reach or of a newer Trunkline.
    """
    if isinstance(where, PostgreSQL):
        _prepare_server(where)
    else:
        _prepare_file(where)


def _prepare_server(where: PostgreSQL) -> None:
    from trunkline.infra import postgresql  # noqa: PLC0415 - psycopg, which most gateways do not need

    if postgresql.revision(where) != HEAD:
        from trunkline.infra import migrate  # noqa: PLC0415 - alembic and SQLAlchemy cost a second

        migrate.upgrade(where)


def _prepare_file(path: Path) -> None:
    try:
        with _alone(path):
            _migrate(path)
    except sqlite3.DatabaseError as fault:
        raise InvalidSettings(f"The database {path} cannot be used: {fault}.", _RESTORE) from None


_RESTORE = "Restore it from a backup, or move it away to begin with an empty one."


def connect(path: Path, *, synchronous: str = "NORMAL") -> sqlite3.Connection:
    """A plain connection with the same pragmas as the engine's. The caller commits explicitly (autocommit is on)."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def revision(where: Location) -> str:
    """The schema revision the database is at; empty for a new one."""
    if isinstance(where, PostgreSQL):
        from trunkline.infra import postgresql  # noqa: PLC0415 - as above

        return postgresql.revision(where)
    return _file_revision(where)


def exists(where: Location) -> bool:
    """Whether there is one with tables. Raises `InvalidSettings` where that cannot be seen."""
    return where.exists() if isinstance(where, Path) else bool(revision(where))


def _file_revision(path: Path) -> str:
    if not path.exists():
        return ""
    with closing(connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Of several processes that start at once, one looks and migrates at a time.

    Looking needs the lock too: a file is turned to write-ahead mode under an exclusive lock of SQLite's, and whoever
    reads at that moment is refused without the time-out (SQLITE_BUSY, https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).
    """
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrate(path: Path) -> None:
    found = _file_revision(path)
    if found == HEAD:
        return
    if not found:
        _create(path)
        return
    from trunkline.infra import migrate  # noqa: PLC0415 - alembic and SQLAlchemy cost a second, and are seldom needed

    migrate.upgrade(path)


def _create(path: Path) -> None:
    path.touch(0o600)
    with closing(connect(path)) as connection:
        connection.executescript(f"BEGIN;\n{SCHEMA.read_text('utf-8')}\nCOMMIT;")
