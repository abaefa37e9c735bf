"""The SQLAlchemy engines over the database. Import it where a query is made, not where a program starts."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection

from trunkline.contract import DatabaseUnavailable, Fault, InvalidArguments
from trunkline.infra.database import BUSY_SECONDS
from trunkline.infra.location import Location, PostgreSQL

_POOL: Final = {"pool_size": 5, "max_overflow": 10, "pool_timeout": 5.0, "pool_pre_ping": True}


def open_engine(where: Location) -> AsyncEngine:
    """An engine over the database, which `database.prepare` has made. The caller disposes of it.

    What fails because the database is away, locked or full is raised as `DatabaseUnavailable`, and a value that it
    does not take (PostgreSQL: text with NUL) as `InvalidArguments`.
    """
    engine = _server_engine(where) if isinstance(where, PostgreSQL) else _file_engine(where)
    event.listen(engine.sync_engine, "handle_error", _told)
    return engine


def plain_engine(where: Location) -> Engine:
    """An engine that blocks, for what runs in a process or a thread of its own. Raises as `open_engine`'s does."""
    if isinstance(where, PostgreSQL):
        from trunkline.infra import postgresql  # noqa: PLC0415 - psycopg, which most gateways do not need

        engine = create_engine("postgresql+psycopg://", connect_args=postgresql.parameters(where))
    else:
        engine = create_engine(f"sqlite:///{where}")
    event.listen(engine, "handle_error", _told)
    return engine


def _file_engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _pragmas)
    return engine


def _server_engine(where: PostgreSQL) -> AsyncEngine:
    """A connection that broke while it lay idle is replaced before it is used (`pool_pre_ping`)."""
    from trunkline.infra import postgresql  # noqa: PLC0415 - as above

    given = postgresql.parameters(where)
    return create_async_engine("postgresql+psycopg://", connect_args=given, poolclass=_Pool, **_POOL)


class _Pool(AsyncAdaptedQueuePool):
    """Says in our words that no connection became free in time."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except NoneFree:
            raise DatabaseUnavailable("The database is busy: no connection to it became free.") from None


def _told(context: ExceptionContext) -> Fault | None:
    """A listener of `handle_error`: what it returns is raised in the place of what came."""
    found = context.sqlalchemy_exception
    if context.is_pre_ping or not isinstance(found, DBAPIError):
        return None
    if isinstance(found, DataError):
        return InvalidArguments("A value is none that the database takes.", "Leave out control characters.")
    if context.is_disconnect or isinstance(found, OperationalError | InterfaceError):
        return DatabaseUnavailable(f"The database cannot be used at present: {_reason(found)}.")
    return None


def _reason(found: DBAPIError) -> str:
    """The kind of failure: the driver's text may name hosts and users."""
    return getattr(found.orig, "sqlite_errorname", "") or type(found.orig).__name__


def _pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
