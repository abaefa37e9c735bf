"""The SQLAlchemy engine over the embedded database. Import it where a query is made, not where a program starts."""

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from trunkline.infra.database import BUSY_SECONDS


def open_engine(path: Path) -> AsyncEngine:
    """An engine over the SQLite file `path`, which `database.prepare` has made. The caller disposes of it."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _pragmas)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
