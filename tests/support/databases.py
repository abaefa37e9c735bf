"""Both databases that stores run on: SQLite as it is embedded, PostgreSQL from its wheel."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from psycopg.sql import SQL, Identifier
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.servers import PASSWORD
from trunkline.infra import database, tables
from trunkline.infra.engine import open_engine
from trunkline.infra.location import PostgreSQL
from trunkline.infra.postgresql import connect


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncGenerator[AsyncEngine]:
    path = folder / "trunkline.db"
    database.prepare(path)
    engine = open_engine(path)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def postgresql(port: int) -> AsyncGenerator[AsyncEngine]:
    """Empty tables in the server at `port`."""
    engine = open_engine(named(port))
    async with engine.begin() as connection:
        await connection.run_sync(tables.metadata.drop_all)
        await connection.run_sync(tables.metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


def named(port: int, name: str = "postgres") -> PostgreSQL:
    """A database of the server at `port`."""
    return PostgreSQL(f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{name}")


def empty(port: int) -> PostgreSQL:
    """A new database in the server at `port`, without tables."""
    name = f"test_{secrets.token_hex(6)}"
    with closing(connect(named(port))) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return named(port, name)
