"""Each test of a store runs over SQLite and over PostgreSQL."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
def engine(database: AsyncEngine) -> AsyncEngine:
    return database
