"""Data keys are made once, unwrapped once for many calls, kept for a while, and fail closed when their key is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.stand_in import StandIn
from tests.support.wait import until_async
from trunkline.connections.envelope import DataKey
from trunkline.connections.keys.data_keys import DataKeyGone, DataKeys
from trunkline.connections.keys.providers import Providers
from trunkline.contract import Internal, KeysUnavailable
from trunkline.infra.tables import data_keys as table

pytestmark = pytest.mark.xdist_group("postgresql")  # one server for all

SECONDS = 60.0


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def provider() -> StandIn:
    return StandIn()


@pytest.fixture
def clock() -> Hand:
    return Hand()


def made(engine: AsyncEngine, provider: StandIn, clock: Hand, seconds: float = SECONDS) -> DataKeys:
    return DataKeys(engine, Providers("stand", {"stand": lambda: provider}), seconds, clock)


@pytest.fixture
async def keys(database: AsyncEngine, provider: StandIn, clock: Hand) -> AsyncIterator[DataKeys]:
    keys = made(database, provider, clock)
    yield keys
    await keys.close()


async def rows(engine: AsyncEngine) -> list[tuple[str, int, str]]:
    async with engine.connect() as connection:
        found = await connection.execute(select(table).order_by(table.c.organization, table.c.version))
        return [(row.organization, row.version, row.key_id) for row in found]


async def test_an_organization_gets_one_key_however_many_ask_first(database: AsyncEngine, keys: DataKeys) -> None:
    found = await asyncio.gather(*(keys.newest("acme") for _ in range(8)))
    assert {key.version for key in found} == {1}
    assert (await keys.newest("other")).organization == "other"
    assert await rows(database) == [("acme", 1, "stand:1"), ("other", 1, "stand:1")]


async def test_two_processes_that_make_a_key_at_once_use_the_same(
    database: AsyncEngine, keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    theirs = made(database, provider, clock)
    ours, other = await asyncio.gather(keys.newest("acme"), theirs.newest("acme"))
    await theirs.close()
    assert {(row[0], row[1]) for row in await rows(database)} == {("acme", 1)}
    assert (ours.version, other.version) == (1, 1)


async def test_a_key_is_unwrapped_once_while_it_is_kept(keys: DataKeys, provider: StandIn, clock: Hand) -> None:
    await keys.newest("acme")
    before = provider.unwraps
    for _ in range(100):
        await keys.get("acme", 1)
    assert provider.unwraps == before
    clock.time += SECONDS
    await keys.get("acme", 1)
    assert provider.unwraps == before + 1


async def test_fifty_calls_that_wait_for_one_key_ask_once(
    database: AsyncEngine, keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    await keys.newest("acme")
    clock.time += SECONDS
    before, provider.wait = provider.unwraps, asyncio.Event()
    calls = [asyncio.create_task(keys.get("acme", 1)) for _ in range(50)]
    await asyncio.sleep(0.05)
    calls[0].cancel()  # whoever gives up takes nobody with it
    provider.wait.set()
    found = await asyncio.gather(*calls[1:])
    assert provider.unwraps == before + 1
    assert all(isinstance(key, DataKey) for key in found)


async def test_while_the_key_service_is_away_kept_keys_serve_until_their_time_is_up_and_no_longer(
    keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    await keys.newest("acme")
    provider.down = "it is sealed"
    clock.time += SECONDS - 0.001
    await keys.get("acme", 1)
    clock.time += 0.001
    with pytest.raises(KeysUnavailable, match=r"503.*it is sealed"):
        await keys.get("acme", 1)
    with pytest.raises(KeysUnavailable):
        await keys.newest("new")


async def test_when_the_key_service_is_back_calls_succeed_without_anything_being_done(
    keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    await keys.newest("acme")
    clock.time += SECONDS
    provider.down = "it times out"
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            await keys.get("acme", 1)
    provider.down = ""
    assert (await keys.get("acme", 1)).version == 1


async def test_a_kept_key_is_dropped_from_memory_when_its_time_is_up(database: AsyncEngine, provider: StandIn) -> None:
    keys = DataKeys(database, Providers("stand", {"stand": lambda: provider}), 0.05)
    await keys.newest("acme")
    assert keys.kept == 1
    await asyncio.sleep(0.1)
    assert keys.kept == 0
    await keys.close()


async def test_nothing_is_kept_where_that_is_asked_for(database: AsyncEngine, provider: StandIn, clock: Hand) -> None:
    keys = made(database, provider, clock, 0)
    await keys.newest("acme")
    before = provider.unwraps
    await keys.get("acme", 1)
    await keys.get("acme", 1)
    assert (provider.unwraps, keys.kept) == (before + 2, 0)
    await keys.close()


async def test_a_wrapped_key_put_into_another_organizations_row_does_not_unwrap(
    database: AsyncEngine, keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    await keys.newest("acme")
    await keys.newest("evil")
    async with database.begin() as connection:
        acme = select(table.c.wrapped).where(table.c.organization == "acme").scalar_subquery()
        await connection.execute(update(table).where(table.c.organization == "evil").values(wrapped=acme))
    clock.time += SECONDS
    with pytest.raises(Internal):
        await keys.get("evil", 1)


async def test_a_data_key_that_was_removed_is_told_apart_from_one_that_cannot_be_had(
    database: AsyncEngine, keys: DataKeys, clock: Hand
) -> None:
    await keys.newest("acme")
    async with database.begin() as connection:
        await connection.execute(delete(table))
    clock.time += SECONDS
    with pytest.raises(DataKeyGone):
        await keys.get("acme", 1)


async def test_a_wrapping_key_that_is_lost_is_a_fault_that_says_so(
    keys: DataKeys, provider: StandIn, clock: Hand
) -> None:
    await keys.newest("acme")
    provider.number = provider.oldest = 2
    clock.time += SECONDS
    with pytest.raises(KeysUnavailable, match="there is no key 1"):
        await keys.get("acme", 1)


async def test_a_key_made_while_its_wrapping_key_is_taken_away_is_wrapped_again(
    database: AsyncEngine, keys: DataKeys, provider: StandIn
) -> None:
    provider.wait = asyncio.Event()
    making = asyncio.create_task(keys.newest("acme"))
    await until_async(lambda: rows(database), 5, "the row")
    provider.number = provider.oldest = 2
    provider.wait.set()
    assert (await making).version == 1
    assert await rows(database) == [("acme", 1, "stand:2")]
