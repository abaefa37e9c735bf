"""What tests share. Programs and catalogs are made once and reused; a missing source fails, it never skips."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.gateway import Gateway, gateway

# On a busy machine an example may take as long as it likes: time is measured by benches, not by properties.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def catalog_folder() -> Path:
    """A sample of the real catalog with its selection index, compiled from the pinned descriptions. Read only."""
    from tests.support import catalogs  # noqa: PLC0415 - most runs need no compiler

    return catalogs.built()


@pytest.fixture(scope="session")
def whole_catalog_folder() -> Path:
    """All of the real catalog: minutes the first time, so for slow tests. Read only."""
    from tests.support import catalogs  # noqa: PLC0415 - most runs need no compiler

    return catalogs.built(whole=True)


@pytest.fixture(scope="session")
def postgresql_port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    """A PostgreSQL for stores: one for each worker."""
    from tests.support import servers  # noqa: PLC0415 - most runs need no database server

    with servers.postgres(tmp_path_factory.mktemp("postgresql")) as port:
        yield port


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[AsyncEngine]:
    """Empty tables in a database of either kind."""
    from tests.support import databases  # noqa: PLC0415 - as above

    if request.param == "sqlite":
        async with databases.sqlite(tmp_path_factory.mktemp("database")) as opened:
            yield opened
    else:
        async with databases.postgresql(request.getfixturevalue("postgresql_port")) as opened:
            yield opened


@pytest.fixture(scope="session")
def running_gateway(tmp_path_factory: pytest.TempPathFactory, catalog_folder: Path) -> Generator[Gateway]:
    """`trunkline up --sandbox` with the real catalog: one for each worker, shared by tests that leave it as it was."""
    with gateway(tmp_path_factory.mktemp("gateway"), catalog_folder) as running:
        yield running
