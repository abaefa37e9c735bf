"""Valkey, as its wheel has it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.modules.workbench import Bench, bench
from tests.support import servers


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.valkey(tmp_path_factory.mktemp("valkey")) as port:
        yield port


@pytest_asyncio.fixture
async def store(port: int, tmp_path: Path) -> AsyncGenerator[Bench]:
    async with bench(tmp_path, "redis", port, password=servers.PASSWORD) as made:
        found = (await made.call("scan_keys", count=1000))["keys"]
        if found:
            await made.call("delete", keys=found)
        yield made


async def test_strings(store: Bench) -> None:
    assert await store.call("get", key="none") is None
    assert await store.call("set", key="a", value=1) is True
    assert await store.call("set", key="a", value=2, only_if_new=True) is False
    assert await store.call("incr", key="a", by=4) == 5
    assert await store.call("append", key="a", value="x") == 2
    assert await store.call("mget", keys=["a", "none"]) == ["5x", None]
    assert (await store.fault("incr", key="a")).code == "invalid_arguments"


async def test_more_calls_at_once_than_connections_wait_for_one(store: Bench) -> None:
    assert await asyncio.gather(*(store.call("incr", key="n") for _ in range(60)))
    assert await store.call("get", key="n") == 60


async def test_hashes(store: Bench) -> None:
    assert await store.call("hset", key="h", fields={"x": 1, "y": "z"}, expire_seconds=60) == 2
    assert await store.call("hgetall", key="h") == {"x": "1", "y": "z"}
    assert await store.call("hincrby", key="h", field="x", by=2) == 3
    assert await store.call("hget", key="h", field="x") == 3
    assert await store.call("hexists", key="h", field="q") is False
    assert await store.call("hdel", key="h", fields=["y", "q"]) == 1
    assert 0 < (await store.call("type", key="h"))["ttl"] <= 60


async def test_lists(store: Bench) -> None:
    assert await store.call("rpush", key="l", values=["one", 2, 3.5]) == 3
    assert await store.call("lpush", key="l", values=["zero"]) == 4
    assert await store.call("lrange", key="l") == ["zero", "one", "2", "3.5"]
    assert await store.call("lrange", key="l", start=-1, stop=-1) == ["3.5"]
    assert await store.call("llen", key="l") == 4
    assert await store.call("lpop", key="l", count=2) == ["zero", "one"]
    assert await store.call("rpop", key="l") == ["3.5"]
    assert await store.call("lrem", key="l", value="2") == 1
    assert await store.call("lpop", key="l") == []


async def test_sets_and_sorted_sets(store: Bench) -> None:
    assert await store.call("sadd", key="s", values=["b", "a", "a"]) == 2
    assert await store.call("smembers", key="s") == ["a", "b"]
    assert await store.call("sismember", key="s", value="a") is True
    assert await store.call("srem", key="s", values=["a"]) == 1
    assert await store.call("zadd", key="z", scores={"low": 1, "high": 2.5}) == 2
    assert await store.call("zrange", key="z", descending=True, stop=0) == {"high": 2.5}
    assert await store.call("zrangebyscore", key="z", lowest=2) == {"high": 2.5}
    assert await store.call("zscore", key="z", member="low") == 1
    assert await store.call("zscore", key="z", member="none") is None
    assert await store.call("zcard", key="z") == 2
    assert await store.call("zrem", key="z", members=["low"]) == 1


async def test_streams(store: Bench) -> None:
    first = await store.call("xadd", key="st", fields={"n": 1})
    await store.call("xadd", key="st", fields={"n": 2}, max_length=1000)
    assert await store.call("xrange", key="st", count=1) == [{"id": first, "fields": {"n": "1"}}]
    assert await store.call("xgroup_create", key="st", group="g", start="0") is True
    taken = await store.call("xreadgroup", key="st", group="g", consumer="me")
    assert [each["fields"]["n"] for each in taken] == ["1", "2"]
    assert await store.call("xack", key="st", group="g", ids=[first]) == 1
    assert await store.call("xdel", key="st", ids=[first]) == 1
    assert await store.call("xlen", key="st") == 1
    assert await store.call("xreadgroup", key="st", group="g", consumer="me") == []


async def test_keys_are_scanned_in_portions(store: Bench) -> None:
    for number in range(40):
        await store.call("set", key=f"user:{number}", value=number)
    found: set[str] = set()
    cursor = "0"
    for _ in range(40):
        page = await store.call("scan_keys", pattern="user:*", cursor=cursor, count=10, kind="string")
        found |= set(page["keys"])
        cursor = page["cursor"]
        if cursor == "0":
            break
    assert len(found) == 40
    assert await store.call("exists", keys=["user:1", "none"]) == 1
    assert await store.call("expire", key="user:1", seconds=9) is True
    assert await store.call("persist", key="user:1") is True
    assert await store.call("rename", key="user:1", new_key="user:one") is True
    assert await store.call("delete", keys=["user:one", "user:1"]) == 1
    assert await store.call("dbsize") == 39


async def test_the_server_tells_about_itself(store: Bench) -> None:
    assert (await store.call("info", section="server"))["tcp_port"] == int(store.variables["port"])
    assert [each["name"] for each in await store.call("client_list")] == ["trunkline"]
    assert await store.call("slowlog") == []
    await store.call("set", key="a", value="x" * 100)
    assert await store.call("memory_usage", key="a") > 100
    assert await store.call("publish", channel="c", message="m") == 0


async def test_an_error_says_what_to_do(store: Bench) -> None:
    await store.call("rpush", key="l", values=["x"])
    wrong_kind = await store.fault("get", key="l")
    assert (wrong_kind.code, "type" in wrong_kind.hint) == ("upstream_failed", True)
    no_json = await store.fault("json_set", key="j", value={"a": 1})
    assert "module" in no_json.hint
    assert (await store.fault("rename", key="none", new_key="x")).code == "invalid_arguments"
    assert (await store.fault("get", key="")).code == "invalid_arguments"


async def test_a_wrong_password_or_address_is_said_so(store: Bench) -> None:
    for password in ("wrong-password", ""):
        values = {"username": "default", "password": password}
        store.credential = type(store.credential)(store.credential.scheme, values)
        assert (await store.fault("dbsize")).code == "credential_rejected"
    store.variables["port"] = "1"
    assert (await store.fault("dbsize")).code == "upstream_unavailable"
