"""Toolsets in the database: each organization has its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from trunkline.contract import InvalidArguments, NotFound
from trunkline.economy import toolsets
from trunkline.economy.offered import Offered
from trunkline.economy.toolsets import ToolsetStore, Wanted
from trunkline.infra import database
from trunkline.infra.engine import open_engine

OPS = Wanted("ops", "For releases", ("slack_post_message", "github"), "auto")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[ToolsetStore]:
    database.prepare(tmp_path / "a.db")
    engine = open_engine(tmp_path / "a.db")
    yield ToolsetStore(engine, lambda: 7.0)
    await engine.dispose()


async def test_what_is_made_is_offered_to_its_organization_and_no_other(store: ToolsetStore) -> None:
    await store.create("acme", "ann", OPS)
    assert await store.find("acme", "ops") == Offered(frozenset({"github", "slack_post_message"}))
    assert await store.find("other", "ops") is None
    assert await store.list("other") == ()


async def test_two_organizations_may_use_one_name(store: ToolsetStore) -> None:
    await store.create("acme", "ann", OPS)
    await store.create("other", "bob", Wanted("ops", "", ("slack",), "search"))
    assert await store.find("other", "ops") == Offered(frozenset({"slack"}), "search")
    await store.delete("other", "ops")
    assert (await store.get("acme", "ops")).created_by == "ann"


async def test_an_edit_may_change_everything_but_not_take_a_name(store: ToolsetStore) -> None:
    await store.create("acme", "ann", OPS)
    await store.create("acme", "ann", Wanted("dev", "", ("github",), "direct"))
    await store.edit("acme", "dev", Wanted("build", "Builds", ("circleci",), "auto"))
    assert [one.name for one in await store.list("acme")] == ["build", "ops"]
    with pytest.raises(InvalidArguments, match="already"):
        await store.edit("acme", "build", OPS)
    with pytest.raises(InvalidArguments, match="already"):
        await store.create("acme", "ann", OPS)


async def test_what_another_organization_has_cannot_be_changed(store: ToolsetStore) -> None:
    await store.create("acme", "ann", OPS)
    for attempt in (store.get("other", "ops"), store.delete("other", "ops"), store.edit("other", "ops", OPS)):
        with pytest.raises(NotFound):
            await attempt


async def test_there_are_only_so_many(store: ToolsetStore) -> None:
    for number in range(toolsets.MOST):
        await store.create("acme", "ann", Wanted(f"t{number}", "", ("github",), "auto"))
    with pytest.raises(InvalidArguments, match="at most"):
        await store.create("acme", "ann", OPS)
