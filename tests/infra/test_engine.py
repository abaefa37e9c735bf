"""What a database does not do is told as a fault of ours: away, busy, or a value that it does not take."""

from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import databases, servers
from trunkline.contract import DatabaseUnavailable, InvalidArguments
from trunkline.infra.engine import open_engine
from trunkline.infra.tables import organizations

ACME = {"id": "acme", "name": "Acme", "created_at": 1.0}


async def add(engine: AsyncEngine, **row: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(organizations).values(**ACME | row))


async def count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return len((await connection.execute(select(organizations))).all())


async def test_text_with_nul_is_stored_or_refused_and_harms_nothing(database: AsyncEngine) -> None:
    if database.dialect.name == "postgresql":
        with pytest.raises(InvalidArguments):
            await add(database, name="a\0b")
    else:
        await add(database, id="nul", name="a\0b")
    await add(database)


async def test_a_row_that_is_there_already_is_told_as_before(database: AsyncEngine) -> None:
    await add(database)
    with pytest.raises(IntegrityError):
        await add(database)


async def test_a_file_that_another_process_holds_is_unavailable_and_says_why(tmp_path: Path) -> None:
    async with databases.sqlite(tmp_path) as engine, engine.connect() as holder:
        await holder.execute(text("PRAGMA busy_timeout = 0"))
        await holder.execute(text("BEGIN IMMEDIATE"))
        async with engine.connect() as other:
            await other.execute(text("PRAGMA busy_timeout = 0"))
            with pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"):
                await other.execute(insert(organizations).values(ACME))


async def test_a_server_that_went_away_is_found_again_by_the_same_engine(tmp_path: Path) -> None:
    made = servers.cluster(tmp_path)
    with ExitStack() as up:
        up.enter_context(made.running())
        async with databases.postgresql(made.port) as engine:
            async with engine.connect() as under_way:
                await under_way.execute(select(organizations))
                up.close()
                with pytest.raises(DatabaseUnavailable):
                    await under_way.execute(select(organizations))
            with pytest.raises(DatabaseUnavailable) as raised:
                await count(engine)
            assert servers.PASSWORD not in raised.value.message
            with made.running():
                assert await count(engine) == 0


async def test_who_gets_no_connection_in_time_is_told_so(postgresql_port: int) -> None:
    engine = open_engine(databases.named(postgresql_port))
    async with AsyncExitStack() as held:
        for _ in range(15):
            await held.enter_async_context(engine.connect())
        with pytest.raises(DatabaseUnavailable, match="busy"):
            await count(engine)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await engine.dispose()


async def test_a_server_is_told_who_is_connected(postgresql_port: int) -> None:
    engine = open_engine(databases.named(postgresql_port))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SHOW application_name"))).scalar_one() == "trunkline"
    await engine.dispose()
