"""The front door over real HTTP: who gets in, what is read, and what happens when a client leaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.gateway.conftest import serving, site
from tests.gateway.world import World, admit
from tests.support.mcp import Era, connect
from tests.support.wait import until_async
from trunkline.contract import AuditUnavailable
from trunkline.gateway.settings import GatewaySettings

ERAS: list[Era] = ["legacy", "modern"]
LIST = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
GOOD = {
    "authorization": "Bearer owner-token",
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
}
INITIALIZE = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
).encode()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20), auto_decompress=False) as session:
        yield session


async def status(http: aiohttp.ClientSession, url: str, body: bytes = LIST, **headers: Any) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.post(url, data=body, headers=GOOD | named) as response:
        return response.status


@pytest.mark.parametrize("era", ERAS)
async def test_the_default_endpoint_lists_meta_tools_and_pinned_tools_by_name(url: str, era: Era) -> None:
    async with connect(url, era, "owner-token") as client:
        names = [tool["name"] for tool in await client.list_tools()]
    assert names == sorted(names)
    assert {"find_tools", "call_tool", "up_ask"} <= set(names)
    assert "up_unpinned" not in names
    assert "echo_get_text" not in names


@pytest.mark.parametrize("era", ERAS)
async def test_a_call_reaches_its_category_and_comes_back(url: str, world: World, era: Era) -> None:
    async with connect(url, era, "owner-token") as client:
        text = await client.text_of("echo_get_text", {"a": 1})
    assert '"arguments": {"a": 1}' in text
    assert world.books.rows == [("intent", "echo_get_text"), ("outcome", "ok")]


@pytest.mark.parametrize("era", ERAS)
async def test_a_toolset_lists_a_whole_service_in_pages(url: str, era: Era) -> None:
    async with connect(url + "/t/many?listing=direct", era, "owner-token") as client:
        first = (await client.request("tools/list")).result
        everything = await client.list_tools()
    assert len(first["tools"]) == 200
    assert [tool["name"] for tool in everything] == [f"many_get_{number:04d}" for number in range(450)]
    assert everything[0]["annotations"] == {"readOnlyHint": True, "openWorldHint": True}


async def test_annotations_say_what_a_tool_may_do(url: str) -> None:
    async with connect(url + "/t/echo", "modern", "owner-token") as client:
        hints = {tool["name"]: tool["annotations"] for tool in await client.list_tools()}
    assert hints["echo_get_text"]["readOnlyHint"]
    assert not hints["echo_send_text"]["destructiveHint"]
    assert hints["echo_remove_text"]["destructiveHint"]


async def test_a_list_is_private_and_may_be_kept(url: str) -> None:
    async with connect(url, "modern", "owner-token") as client:
        result = (await client.request("tools/list")).result
    assert (result["cacheScope"], result["ttlMs"], result["resultType"]) == ("private", 60_000, "complete")


async def test_the_list_is_the_same_on_every_connection_and_after_any_call(url: str) -> None:
    async with connect(url, "modern", "owner-token") as one, connect(url, "legacy", "guest-token") as other:
        before = await one.list_tools()
        await one.call("find_tools", {"query": "many"})
        await one.call("many_get_0001")
        assert await one.list_tools() == before == await other.list_tools()


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic owner-token", "owner-token"])
async def test_without_a_good_token_nothing_is_answered(url: str, http: aiohttp.ClientSession, token: str) -> None:
    headers = GOOD | {"authorization": token}
    if not token:
        del headers["authorization"]
    async with http.post(url, data=LIST, headers=headers) as response:
        assert response.status == 401
        challenge = response.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert ("invalid_token" in challenge) is bool(token)
    async with http.post(url + "?access_token=owner-token", data=LIST, headers=headers) as response:
        assert response.status == 401


@pytest.mark.parametrize("name", ["authorization", "content-type", "mcp-session-id", "origin"])
async def test_a_header_that_stands_twice_is_refused(url: str, http: aiohttp.ClientSession, name: str) -> None:
    value = GOOD.get(name, "http://localhost")
    headers = [(key, text) for key, text in GOOD.items() if key != name] + [(name, value)] * 2
    async with http.post(url, data=LIST, headers=headers) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "evil.example"}, 403),
        ({"host": "evil.example:8000"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "localhost:1234"}, 400),
        ({"host": "[::1]:80"}, 400),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "http://localhost:6274"}, 400),
        ({"origin": "file://localhost"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/json; charset=utf-8"}, 400),
        ({"content_encoding": "gzip"}, 415),
        ({"content_encoding": "identity"}, 400),
    ],
)
async def test_foreign_hosts_origins_and_bodies_stay_outside(
    url: str, http: aiohttp.ClientSession, headers: dict[str, Any], expected: int
) -> None:
    """400 is the answer of the protocol itself (no session): the request came in."""
    assert await status(http, url, **headers) == expected


async def test_hosts_are_checked_on_every_path(url: str, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/healthz", "/mcp", "/mcp/t/echo"):
        async with http.get(url.removesuffix("/mcp") + path, headers={"host": "evil.example"}) as response:
            assert response.status == 403


async def test_bodies_over_the_limit_are_not_read(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    world = World(tmp_path, GatewaySettings(body_limit=2000))

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 500

    async with serving(world.gateway.front(admit, site)) as base:
        assert await status(http, base + "/mcp", b" " * 2001) == 413
        async with http.post(base + "/mcp", data=chunks(), headers=GOOD) as response:
            assert response.status == 413
        assert await status(http, base + "/mcp", LIST + b" " * 1900) == 400


async def test_only_trusted_origins_may_read_answers(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    world = World(tmp_path, GatewaySettings(origins=("https://app.example",), public_hosts=("gw.example",)))
    async with serving(world.gateway.front(admit, site)) as base:
        good = {"origin": "https://app.example", "host": "gw.example"}
        async with http.options(base + "/mcp", headers=good) as response:
            assert response.status == 204
            assert response.headers["access-control-allow-origin"] == "https://app.example"
            assert "authorization" in response.headers["access-control-allow-headers"]
        async with http.post(base + "/mcp", data=INITIALIZE, headers=GOOD | good) as response:
            assert response.status == 200
            assert response.headers["access-control-allow-origin"] == "https://app.example"
        async with http.options(base + "/mcp", headers={"origin": "http://localhost:1"}) as response:
            assert "access-control-allow-origin" not in response.headers
            assert response.status == 401


async def test_other_paths_belong_to_the_site_and_health_needs_no_token(url: str, http: aiohttp.ClientSession) -> None:
    base = url.removesuffix("/mcp")
    for path, text in (("/", "status page"), ("/healthz", "ok"), ("/readyz", "ready"), ("/mcpx", "status page")):
        async with http.get(base + path) as response:
            assert (response.status, await response.text()) == (200, text)


async def test_an_unknown_toolset_is_not_found(url: str, http: aiohttp.ClientSession) -> None:
    assert await status(http, url + "/t/nowhere") == 404


async def test_blanks_around_header_values_do_not_matter(url: str) -> None:
    async with connect(url, "modern", "owner-token") as client:
        client.extra = {"mcp-name": " echo_get_text \t"}
        reply = await client.send(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": client._params({"name": "echo_get_text"}),  # pyright: ignore[reportPrivateUsage]
            },
            {"mcp-method": "tools/call"},
        )
    assert reply.status == 200


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("do", ["hang", "start"])  # before the answer began, and while it streams
async def test_a_client_that_leaves_ends_its_call_within_a_second(url: str, world: World, era: Era, do: str) -> None:
    params = {"name": "echo_get_text", "arguments": {"do": do}, "_meta": {"progressToken": 1}}
    async with connect(url, era, "owner-token") as client:
        call = asyncio.create_task(client.request("tools/call", params))
        await asyncio.wait_for(world.port.hanging.wait(), 5)
        call.cancel()
        await asyncio.wait([call])

        async def given_up() -> bool:
            return bool(world.port.given_up)

        await until_async(given_up, 1.0, "the call's end")
    assert world.books.rows[-1] == ("outcome", "cancelled")


@pytest.mark.parametrize("method", ["get", "delete"])
async def test_the_modern_era_has_no_session_streams(url: str, http: aiohttp.ClientSession, method: str) -> None:
    headers = GOOD | {"mcp-protocol-version": "2026-07-28", "mcp-session-id": "guess", "last-event-id": "x"}
    async with http.request(method, url, headers=headers) as response:
        assert (response.status, response.headers["allow"]) == (405, "POST")
        assert "mcp-session-id" not in response.headers


async def test_other_methods_are_not_allowed(url: str, http: aiohttp.ClientSession) -> None:
    async with http.put(url, headers=GOOD) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, POST, DELETE")


async def _session(http: aiohttp.ClientSession, url: str, token: str = "owner-token") -> str:
    async with http.post(url, data=INITIALIZE, headers=GOOD | {"authorization": f"Bearer {token}"}) as response:
        assert response.status == 200
        assert "2025-06-18" in await response.text()
        return response.headers["mcp-session-id"]


async def test_a_session_belongs_to_who_opened_it_and_to_its_url(url: str, http: aiohttp.ClientSession) -> None:
    session = await _session(http, url)
    assert await status(http, url, mcp_session_id=session) == 200
    assert await status(http, url, mcp_session_id=session, authorization="Bearer guest-token") == 404
    assert await status(http, url + "/t/echo", mcp_session_id=session) == 404


async def test_an_ended_session_is_gone_from_both_lanes(url: str, http: aiohttp.ClientSession, world: World) -> None:
    session = await _session(http, url)
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    assert await status(http, url, ping, mcp_session_id=session) == 200
    async with http.delete(url, headers=GOOD | {"mcp-session-id": session}) as response:
        assert response.status == 200
    assert await status(http, url, mcp_session_id=session) == 404
    assert await status(http, url, ping, mcp_session_id=session) == 404
    assert not len(world.gateway.sessions)


async def test_an_idle_session_ends_and_one_in_use_does_not(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    world = World(tmp_path, GatewaySettings(session_idle_seconds=1.0))
    async with serving(world.gateway.front(admit, site)) as base:
        idle, used = await _session(http, base + "/mcp"), await _session(http, base + "/mcp")

        async def over() -> bool:
            assert await status(http, base + "/mcp", mcp_session_id=used) == 200
            return len(world.gateway.sessions) == 1

        await until_async(over, 10, "the idle session's end")
        assert await status(http, base + "/mcp", mcp_session_id=idle) == 404
    await world.gateway.close()


async def test_a_refused_handshake_opens_no_session(url: str, http: aiohttp.ClientSession, world: World) -> None:
    bad = b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}'
    async with http.post(url, data=bad, headers=GOOD) as response:
        assert "error" in await response.text()
        session = response.headers.get("mcp-session-id", "none")
    assert not len(world.gateway.sessions)
    assert await status(http, url, mcp_session_id=session) == 404


async def test_a_notification_reaches_the_sessions_own_stream(
    url: str, http: aiohttp.ClientSession, world: World
) -> None:
    session = await _session(http, url)
    headers = GOOD | {"mcp-session-id": session}
    async with http.get(url, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        world.upstreams.changed("notifications/tools/list_changed")
        async for line in stream.content:
            if line.startswith(b"data:"):
                assert json.loads(line[5:])["method"] == "notifications/tools/list_changed"
                break


async def test_only_the_client_that_was_asked_can_reply(url: str, http: aiohttp.ClientSession) -> None:
    session, other = await _session(http, url), await _session(http, url)
    ask: dict[str, Any] = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "up_ask"}}
    reply = b'{"jsonrpc":"2.0","id":"trunkline-1","result":{"action":"accept","content":{"name":"%b"}}}'
    headers = GOOD | {"mcp-session-id": session}
    async with http.post(url, data=json.dumps(ask), headers=headers) as stream:
        events = stream.content
        question = await _next(events)
        assert (question["id"], question["method"]) == ("trunkline-1", "elicitation/create")
        await status(http, url, reply % b"Mallory", mcp_session_id=other)
        assert await status(http, url, reply % b"Ada", mcp_session_id=session) == 202
        assert "Ada" in (await _next(events))["result"]["content"][0]["text"]


async def _next(stream: aiohttp.StreamReader) -> Any:
    async for line in stream:
        if line.startswith(b"data:"):
            return json.loads(line[5:])
    raise AssertionError("the stream ended")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/json; charset=utf-8", 400),
        ("Application/JSON", 400),
        ("application/jsonp", 415),
        ("text/plain", 415),
    ],
)
async def test_only_json_is_taken_for_json(http: aiohttp.ClientSession, url: str, kind: str, expected: int) -> None:
    assert await status(http, url, b"{", content_type=kind) == expected


async def test_readiness_ends_while_calls_cannot_be_recorded_and_health_does_not(
    http: aiohttp.ClientSession, world: World, url: str
) -> None:
    base = url.removesuffix("/mcp")

    async def look(path: str) -> int:
        async with http.get(base + path) as response:
            return response.status

    assert await look("/readyz") == 200
    world.books.broken = AuditUnavailable("The disk is full.")
    assert (await look("/readyz"), await look("/healthz")) == (503, 200)
    world.books.broken = None
    assert await look("/readyz") == 200
    world.gateway.leave()
    assert await look("/readyz") == 503
