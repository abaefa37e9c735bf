"""What a provider says is judged the same over every database: here it is SQLite. test_journey.py runs over both."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import databases


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    async with databases.sqlite(tmp_path) as opened:
        yield opened
