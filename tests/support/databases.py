"""Both databases that stores run on: SQLite as it is embedded, PostgreSQL from its wheel."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.support.servers import PASSWORD
from trunkline.infra import database, tables
from trunkline.infra.engine import open_engine


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
    url = f"postgresql+psycopg://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(tables.metadata.drop_all)
        await connection.run_sync(tables.metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()
