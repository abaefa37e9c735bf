"""PostgreSQL as the gateway's database: waited for, looked at, connected to. Imports psycopg: see `database`."""

import time
from contextlib import closing
from typing import Any, Final

import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping

from trunkline.contract import InvalidSettings
from trunkline.infra.location import PostgreSQL

WAIT: Final = 30.0  # seconds that a server may take to start beside us
_LOOK: Final = 0.25  # seconds between two looks at it
# A server that is gone without a word is noticed within half a minute (libpq, "Parameter Key Words").
_DEFAULTS: Final[dict[str, Any]] = {
    "application_name": "trunkline",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

_log = structlog.get_logger("trunkline.database")


def check(url: str) -> None:
    """Raises `InvalidSettings` for a URL that names no database, and does not repeat what may be a password."""
    try:
        known = url.startswith(("postgresql://", "postgres://")) and bool(conninfo_to_dict(url))
    except psycopg.Error:
        known = False
    if not known:
        raise InvalidSettings(
            "database_url is not accepted.",
            "Accepted: postgresql://user:password@host:port/name; special characters of a password are %-encoded.",
        )


def parameters(where: PostgreSQL) -> dict[str, Any]:
    """What psycopg connects with: what the URL says, and our defaults for what it does not say."""
    return _DEFAULTS | conninfo_to_dict(where.url)


def connect(where: PostgreSQL) -> psycopg.Connection[tuple[Any, ...]]:
    """A plain connection. The caller commits explicitly (autocommit is on). Raises `psycopg.Error`."""
    return psycopg.connect(**parameters(where), autocommit=True)


def awaited(where: PostgreSQL, seconds: float = WAIT) -> psycopg.Connection[tuple[Any, ...]]:
    """As `connect`; a server that is still starting is waited for.

    Raises `InvalidSettings` when it does not answer for so long, and at once when it refuses us.
    """
    if not _answers(where):
        _log.warning("waiting for the database", database=str(where), seconds=seconds)
        _wait(where, time.monotonic() + seconds)
    try:
        return connect(where)
    except psycopg.Error as fault:
        reason = str(fault).strip().rpartition("FATAL:")[2].strip()
        raise InvalidSettings(f"The database {where} refuses us: {reason}.", _REACH) from None


_REACH: Final = "Check that it runs, and user, password and name in database_url (TRUNKLINE_DATABASE_URL)."


def revision(where: PostgreSQL) -> str:
    """The schema revision it is at; empty for a new one. Raises what `awaited` raises."""
    with closing(awaited(where)) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def _wait(where: PostgreSQL, end: float) -> None:
    while not _answers(where):
        if time.monotonic() > end:
            raise InvalidSettings(f"The database {where} does not answer.", _REACH)
        time.sleep(_LOOK)  # noqa: TID251 - libpq has no way to be told; the bound is `end`


def _answers(where: PostgreSQL) -> bool:
    """Whether a server takes connections there: one that is still starting does not."""
    return PGconn.ping(make_conninfo("", **parameters(where)).encode()) == Ping.OK
