"""SQLite for what runs over one database, and a real OAuth provider, once for all tests."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.desk import ORIGIN, SECRET, Desk, HandClock, desks
from tests.support import databases
from tests.support.oidc.server import Client, oidc_provider


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with databases.sqlite(tmp_path) as opened:
        yield opened


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
