"""SecantusDB, which speaks MongoDB's protocol: MongoDB's own server is in no package index. No password is asked."""

import gc
import warnings
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.modules.workbench import Bench, bench
from tests.support import servers

BOOKS: dict[str, Any] = {"database": "library", "collection": "books"}
DATE = {"$date": "2026-01-31T12:00:00Z"}


# The driver leaves sockets of its monitors to the collector, which may come to them in whatever test is next.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def leftovers() -> Generator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.mongodb(tmp_path_factory.mktemp("mongodb")) as port:
        yield port


@pytest_asyncio.fixture
async def db(port: int, tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path, "mongodb", port, "nobody") as made:
        await made.call("drop_database", database="library")
        documents = [{"n": number, "title": f"Book {number}", "at": DATE, "tags": ["a"]} for number in range(20)]
        await made.call("insert_many", **BOOKS, documents=documents)
        yield made


async def test_documents_come_back_as_they_went_in(db: Bench) -> None:
    found = await db.call("find", **BOOKS, filter={"n": 3})
    (book,) = found["documents"]
    assert (book["title"], book["at"], book["tags"]) == ("Book 3", DATE, ["a"])
    again = await db.call("find", **BOOKS, filter={"_id": book["_id"]})
    assert again["documents"] == [book]
    since = await db.call("count", **BOOKS, filter={"at": {"$gte": DATE}})
    assert since == {"count": 20}


async def test_find_sorts_projects_skips_and_ends_at_its_limit(db: Bench) -> None:
    found = await db.call("find", **BOOKS, projection={"n": 1, "_id": 0}, sort={"n": -1}, skip=1, limit=2)
    assert found == {"documents": [{"n": 18}, {"n": 17}], "count": 2, "more": True}
    assert "more" not in await db.call("find", **BOOKS, limit=20)


async def test_a_pipeline_reads_and_cannot_write(db: Bench) -> None:
    stages = [{"$group": {"_id": None, "sum": {"$sum": "$n"}}}]
    assert (await db.call("aggregate", **BOOKS, pipeline=stages))["documents"] == [{"_id": None, "sum": 190}]
    for writing in ({"$out": "other"}, {"$merge": {"into": "other"}}):
        assert (await db.fault("aggregate", **BOOKS, pipeline=[writing])).code == "invalid_arguments"
    assert [each["name"] for each in await db.call("list_collections", database="library")] == ["books"]


async def test_a_collection_is_described(db: Bench) -> None:
    schema = await db.call("collection_schema", **BOOKS)
    assert schema["sampled"] == 20
    assert schema["fields"]["at"] == {"types": ["date"], "percent": 100.0}
    assert schema["fields"]["tags[]"]["types"] == ["string"]
    assert await db.call("create_index", **BOOKS, keys={"n": 1}, unique=True) == {"index": "n_1"}
    assert [each["name"] for each in await db.call("collection_indexes", **BOOKS)] == ["_id_", "n_1"]
    plan = await db.call("explain", **BOOKS, filter={"n": 1})
    assert "n_1" in str(plan["queryPlanner"]["winningPlan"])
    assert await db.call("drop_index", **BOOKS, name="n_1") == {"dropped": "n_1"}
    assert (await db.call("collection_storage_size", **BOOKS))["count"] == 20
    assert (await db.call("db_stats", database="library"))["objects"] == 20
    assert "library" in [each["name"] for each in await db.call("list_databases")]


async def test_documents_are_updated_and_deleted(db: Bench) -> None:
    updated = await db.call("update_many", **BOOKS, filter={"n": {"$lt": 5}}, update={"$set": {"old": True}})
    assert (updated["matched"], updated["modified"]) == (5, 5)
    assert await db.call("delete_many", **BOOKS, filter={"old": True}) == {"deleted": 5}
    assert (await db.fault("delete_many", **BOOKS, filter={})).code == "invalid_arguments"
    assert (await db.fault("update_many", **BOOKS, filter={}, update={"n": 1})).code == "invalid_arguments"
    assert await db.call("count", **BOOKS) == {"count": 15}


async def test_collections_are_made_renamed_and_dropped(db: Bench) -> None:
    other = {"database": "library", "collection": "other"}
    assert await db.call("create_collection", **other) == {"created": "library.other"}
    assert await db.call("rename_collection", **other, new_name="third") == {"renamed": "library.third"}
    assert await db.call("drop_collection", database="library", collection="third") == {"dropped": "library.third"}
    assert [each["name"] for each in await db.call("list_collections", database="library")] == ["books"]


async def test_an_error_says_what_to_do(db: Bench) -> None:
    bad_operator = await db.fault("find", **BOOKS, filter={"$colour": 1})
    assert bad_operator.code == "invalid_arguments"
    bad_id = await db.fault("find", **BOOKS, filter={"_id": {"$oid": "short"}})
    assert "$oid" in bad_id.hint
    twice = await db.fault("insert_many", **BOOKS, documents=[{"_id": 1}, {"_id": 1}])
    assert "duplicate" in twice.message
    db.variables["port"] = "1"
    assert (await db.fault("list_databases")).code == "upstream_unavailable"
