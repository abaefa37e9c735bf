"""Each test of a store runs over SQLite and over PostgreSQL."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import databases
from tests.support import servers


@pytest.fixture(scope="session")
def postgresql_port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.postgres(tmp_path_factory.mktemp("postgresql")) as port:
        yield port


@pytest.fixture(params=databases.KINDS)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    if request.param == "sqlite":
        async with databases.sqlite(tmp_path) as opened:
            yield opened
    else:
        async with databases.postgresql(request.getfixturevalue("postgresql_port")) as opened:
            yield opened
