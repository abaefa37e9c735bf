"""The house as a fixture."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.gateway.conftest import serving
from tests.gateway.world import World
from tests.identity.oauth.house import House, build
from trunkline.identity.oauth.assertions import Issuers, NoIssuers
from trunkline.infra import database
from trunkline.infra.engine import open_engine


@asynccontextmanager
async def opened(tmp_path: Path, issuers: Issuers) -> AsyncGenerator[House]:
    """A house; `issuers` vouch for its users."""
    database.prepare(tmp_path / "t.db")
    engine = open_engine(tmp_path / "t.db")
    world = World(tmp_path / "catalog")
    made = build(engine, world, issuers)
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20), cookie_jar=aiohttp.DummyCookieJar())
    async with serving(made.app) as base, session:
        made.base, made.http = base, session
        yield made
    await world.gateway.close()
    await engine.dispose()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, NoIssuers()) as made:
        yield made
