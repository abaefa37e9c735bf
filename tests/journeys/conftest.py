"""A house that people enter with a browser: one for each module, whose pages must not complain of anything."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.journeys.browser_world import House, house
from tests.support.chromium import Chromium, chromium


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, catalog_folder: Path) -> Generator[House]:
    with house(tmp_path_factory.mktemp("browser"), catalog_folder) as started:
        yield started


@pytest.fixture
async def browser(running: House, tmp_path: Path) -> AsyncGenerator[Chromium]:
    async with chromium(tmp_path / "profile", running.home) as started:
        yield started
        assert started.complaints == []
