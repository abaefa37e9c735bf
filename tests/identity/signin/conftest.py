"""What a provider says is judged the same over every database: here it is SQLite.."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import databases


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    async with databases.sqlite(tmp_path) as opened:
        yield opened
