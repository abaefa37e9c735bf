"""The house as a fixture."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.gateway.conftest import serving
from tests.gateway.world import World
from tests.identity.oauth.house import House, build
from trunkline.infra import database
from trunkline.infra.engine import open_engine


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database.prepare(tmp_path / "t.db")
    engine = open_engine(tmp_path / "t.db")
    world = World(tmp_path / "catalog")
    made = build(engine, world)
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20), cookie_jar=aiohttp.DummyCookieJar())
    async with serving(made.app) as base, session:
        made.base, made.http = base, session
        yield made
    await world.gateway.close()
    await engine.dispose()
