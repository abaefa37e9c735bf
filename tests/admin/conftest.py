"""The site as tests of this room see it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.admin.house import House, house


@pytest.fixture
async def connecting(tmp_path: Path, catalog_folder: Path) -> AsyncGenerator[House]:
    """The same where people connect services."""
    async with house(tmp_path, catalog_folder, connect=True) as opened:
        yield opened


@pytest.fixture
async def site(tmp_path: Path, catalog_folder: Path) -> AsyncGenerator[House]:
    async with house(tmp_path, catalog_folder) as opened:
        yield opened
