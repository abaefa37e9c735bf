"""The ledger and what calls taught, in the database: by organization, bounded, fading."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.economy import learned as kept
from trunkline.economy.learned import LearnedStore
from trunkline.economy.ledger import LedgerStore
from trunkline.economy.spent import Learned, Lesson, Spent


@pytest.fixture
def engine(database: AsyncEngine) -> AsyncEngine:
    return database


def task(id: str, organization: str = "acme", at: float = 10.0, turns: int = 2) -> Spent:
    return Spent(id, organization, "ann", "", "test", at, at, turns, 700, 300, 0, 50, 400, 90_000, 5_000)


async def test_a_task_that_goes_on_is_written_again_and_counted_once(engine: AsyncEngine) -> None:
    store = LedgerStore(engine)
    await store.save([task("a"), task("b", "other")])
    await store.save([task("a", turns=5)])
    totals = await store.totals("acme", 0.0)
    assert (totals.tasks, totals.turns, totals.reaching, totals.everything) == (1, 5, 1_000, 90_000)


async def test_the_latest_come_first_and_sums_go_back_so_far(engine: AsyncEngine) -> None:
    store = LedgerStore(engine)
    await store.save([task(str(at), at=float(at)) for at in range(5)])
    assert [each.id for each in await store.latest("acme", 2)] == ["4", "3"]
    assert (await store.totals("acme", 3.0)).tasks == 2
    assert (await store.totals("nobody", 0.0)).tasks == 0


async def test_lessons_add_up_fade_and_stay_in_their_organization(engine: AsyncEngine) -> None:
    now = [0.0]
    store = LearnedStore(engine, lambda: now[0])
    await store.add([Lesson("acme", "a_get", True), Lesson("acme", "a_get", False, "b_list")])
    assert await store.load("acme") == Learned({"a_get": (2.0, 1.0)}, {("b_list", "a_get"): 1.0})
    assert await store.load("other") == Learned({}, {})
    now[0] = kept.HALF_LIFE
    await store.add([Lesson("acme", "a_get", True, "b_list")])
    assert await store.load("acme") == Learned({"a_get": (2.0, 1.5)}, {("b_list", "a_get"): 1.5})


async def test_only_so_much_is_kept_and_what_is_reset_is_gone(engine: AsyncEngine) -> None:
    now = [0.0]
    store = LearnedStore(engine, lambda: now[0])
    for now[0] in (1.0, 2.0):
        await store.add([Lesson("acme", f"t_{now[0]:g}_{number}", True) for number in range(kept.TOOLS)])
    found = (await store.load("acme")).tools
    assert len(found) == kept.TOOLS
    assert all(name.startswith("t_2_") for name in found)
    await store.add([Lesson("other", "a_get", True)])
    await store.reset("acme")
    assert await store.load("acme") == Learned({}, {})
    assert (await store.load("other")).tools
