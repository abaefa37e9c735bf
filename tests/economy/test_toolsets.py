"""Toolsets in the database: each organization has its own."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import InvalidArguments, NotFound
from trunkline.economy import toolsets
from trunkline.economy.offered import Offered
from trunkline.economy.toolsets import ToolsetStore, Wanted

OPS = Wanted("ops", "For releases", ("slack_post_message", "github"), "auto")


@pytest.fixture
def store(database: AsyncEngine) -> ToolsetStore:
    return ToolsetStore(database, lambda: 7.0)


async def test_what_is_made_is_offered_to_its_organization_and_no_other(store: ToolsetStore) -> None:
    await store.save("acme", "ann", OPS)
    assert await store.find("acme", "ops") == Offered(frozenset({"github", "slack_post_message"}))
    assert await store.find("other", "ops") is None
    assert await store.list("other") == ()


async def test_two_organizations_may_use_one_name(store: ToolsetStore) -> None:
    await store.save("acme", "ann", OPS)
    await store.save("other", "bob", Wanted("ops", "", ("slack",), "search"))
    assert await store.find("other", "ops") == Offered(frozenset({"slack"}), "search")
    await store.delete("other", "ops")
    assert (await store.get("acme", "ops")).created_by == "ann"


async def test_what_is_saved_again_is_changed(store: ToolsetStore) -> None:
    await store.save("acme", "ann", OPS)
    await store.save("acme", "bob", Wanted("ops", "Builds", ("circleci",), "direct"))
    (kept,) = await store.list("acme")
    assert (kept.summary, kept.members, kept.listing, kept.created_by) == ("Builds", ("circleci",), "direct", "ann")


async def test_what_another_organization_has_cannot_be_changed(store: ToolsetStore) -> None:
    await store.save("acme", "ann", OPS)
    for attempt in (store.get("other", "ops"), store.delete("other", "ops")):
        with pytest.raises(NotFound):
            await attempt


async def test_there_are_only_so_many(store: ToolsetStore) -> None:
    for number in range(toolsets.MOST):
        await store.save("acme", "ann", Wanted(f"t{number}", "", ("github",), "auto"))
    await store.save("acme", "ann", Wanted("t0", "changed", ("github",), "auto"))
    with pytest.raises(InvalidArguments, match="at most"):
        await store.save("acme", "ann", OPS)
