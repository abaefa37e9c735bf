"""The two databases that the store runs on, and a real OAuth provider, once for all tests."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.connections.desk import ORIGIN, SECRET, Desk, HandClock, desks
from tests.support import servers
from tests.support.oidc.server import Client, oidc_provider
from trunkline.infra import tables
from trunkline.infra.database import prepare
from trunkline.infra.engine import open_engine


@pytest.fixture(scope="session")
def postgres_port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.postgres(tmp_path_factory.mktemp("postgres")) as port:
        yield port


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    prepare(tmp_path / "trunkline.db")
    engine = open_engine(tmp_path / "trunkline.db")
    yield engine
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Empty, and of either kind."""
    if request.param == "sqlite":
        prepare(tmp_path / "either.db")
        engine = open_engine(tmp_path / "either.db")
    else:
        port = request.getfixturevalue("postgres_port")
        engine = create_async_engine(f"postgresql+psycopg://postgres:{servers.PASSWORD}@127.0.0.1:{port}/postgres")
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(tables.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def issuer() -> Generator[str]:
    """oidc-provider, with an app of ours."""
    with oidc_provider([Client("trunkline", SECRET, (f"{ORIGIN}/connect/callback/house",))]) as url:
        yield url


@pytest.fixture
async def desk(tmp_path: Path, issuer: str, engine: AsyncEngine) -> AsyncGenerator[Desk]:
    """One gateway's parts over SQLite, in front of the real provider."""
    async with desks(engine, tmp_path, issuer, HandClock()) as (made,):
        yield made
