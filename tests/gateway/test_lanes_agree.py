"""Two lanes, one behaviour: the same request through our own lane and through the official SDK, good and bad.

Compared are the status, the JSON-RPC message without its framing (the SDK always answers legacy requests as an event
stream, ours only if there is something to say first) and every message that came before it.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.gateway.conftest import sdk_only, serving, site
from tests.gateway.world import World, admit
from tests.support.mcp import McpClient, Reply, connect

pytestmark = pytest.mark.asyncio(loop_scope="module")

PV = "io.modelcontextprotocol/protocolVersion"
CC = "io.modelcontextprotocol/clientCapabilities"
META: dict[str, Any] = {PV: "2026-07-28", CC: {}}
_LONG = "x" * 5000

# (method, params): sent as they are in the legacy era, with the envelope's _meta added in the modern one.
CALLS: dict[str, tuple[str, Any]] = {
    "list": ("tools/list", {}),
    "list with a bad cursor": ("tools/list", {"cursor": "nowhere"}),
    "list with a cursor of the wrong type": ("tools/list", {"cursor": 7}),
    "a call": ("tools/call", {"name": "echo_get_text", "arguments": {"a": [1, 2.5, None, "é", "\u2028", _LONG]}}),
    "no arguments": ("tools/call", {"name": "echo_get_text"}),
    "null arguments": ("tools/call", {"name": "echo_get_text", "arguments": None}),
    "arguments of the wrong type": ("tools/call", {"name": "echo_get_text", "arguments": [1]}),
    "a name of the wrong type": ("tools/call", {"name": 7}),
    "no name": ("tools/call", {"arguments": {}}),
    "an unknown tool": ("tools/call", {"name": "echo_get_nothing", "arguments": {}}),
    "an unknown service": ("tools/call", {"name": "nowhere_get", "arguments": {}}),
    "an empty name": ("tools/call", {"name": "", "arguments": {}}),
    "an unknown param": ("tools/call", {"name": "echo_get_text", "arguments": {}, "more": 1}),
    "a meta-tool": ("tools/call", {"name": "find_tools", "arguments": {"query": "x"}}),
    "a meta-tool that fails": ("tools/call", {"name": "find_tools", "arguments": {"query": "fail"}}),
    "a call within call_tool": ("tools/call", {"name": "call_tool", "arguments": {"name": "echo_send_text"}}),
    "a write within call_read_tool": (
        "tools/call",
        {"name": "call_read_tool", "arguments": {"name": "echo_send_text"}},
    ),
    "bad arguments of call_tool": ("tools/call", {"name": "call_tool", "arguments": {}}),
    "a fault": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "fail"}}),
    "an error of the service": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "error"}}),
    "a bug": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "bug"}}),
    "no end": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "nothing"}}),
    "chunks": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "chunks"}}),
    "progress nobody asked for": ("tools/call", {"name": "echo_get_text", "arguments": {"do": "progress"}}),
    "progress": (
        "tools/call",
        {"name": "echo_get_text", "arguments": {"do": "progress"}, "_meta": {"progressToken": "p1"}},
    ),
    "progress by number": (
        "tools/call",
        {"name": "echo_get_text", "arguments": {"do": "progress"}, "_meta": {"progressToken": 0}},
    ),
    "a log message": ("tools/call", {"name": "up_log", "arguments": {}}),
    "a refusal of an upstream server": ("tools/call", {"name": "up_refuse", "arguments": {}}),
    "an answer passed on": ("tools/call", {"name": "up_pass", "arguments": {}}),
    "a tool that is not pinned": ("tools/call", {"name": "up_unpinned", "arguments": {}}),
    "meta of the wrong type": ("tools/call", {"name": "echo_get_text", "_meta": "x"}),
    "meta that is null": ("tools/call", {"name": "echo_get_text", "_meta": None}),
    "a progress token of the wrong type": (
        "tools/call",
        {"name": "echo_get_text", "_meta": META | {"progressToken": {}}},
    ),
    "capabilities of the wrong type": ("tools/call", {"name": "echo_get_text", "_meta": {PV: "2026-07-28", CC: 1}}),
    "no capabilities": ("tools/call", {"name": "echo_get_text", "_meta": {PV: "2026-07-28"}}),
    "another version in the body": ("tools/call", {"name": "echo_get_text", "_meta": {PV: "2025-11-25", CC: {}}}),
    "a log level of the wrong type": (
        "tools/call",
        {"name": "echo_get_text", "_meta": META | {"io.modelcontextprotocol/logLevel": "loud"}},
    ),
    "a client without a name": (
        "tools/call",
        {"name": "echo_get_text", "_meta": META | {"io.modelcontextprotocol/clientInfo": {}}},
    ),
}
RAW: dict[str, bytes] = {
    "not JSON": b"{",
    "a batch": b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
    "an id that is null": b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    "an id that is an object": b'{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    "an id that is a fraction": b'{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}',
    "an id that is a flag": b'{"jsonrpc":"2.0","id":true,"method":"tools/list"}',
    "another version of JSON-RPC": b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    "no version of JSON-RPC": b'{"id":1,"method":"tools/list"}',
    "params that are text": b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"x"}',
    "a method that is a number": b'{"jsonrpc":"2.0","id":1,"method":7}',
    "text": b'"tools/list"',
    "nothing": b"",
}
IDS = [0, -1, 2**70, "", "a", 'é\n"\\']
PARAM_HEADERS: dict[str, tuple[Any, dict[str, str | None]]] = {
    "equal": ({"region": "eu"}, {"mcp-param-region": "eu"}),
    "encoded": ({"region": "é"}, {"mcp-param-region": "=?base64?w6k=?="}),
    "badly encoded": ({"region": "é"}, {"mcp-param-region": "=?base64?w6k?="}),
    "different": ({"region": "eu"}, {"mcp-param-region": "us"}),
    "header missing": ({"region": "eu"}, {}),
    "argument missing": ({}, {"mcp-param-region": "eu"}),
    "argument null": ({"region": None}, {}),
    "neither": ({}, {}),
    "argument of the wrong type": ({"region": {"a": 1}}, {"mcp-param-region": "eu"}),
    "a header nobody declared": ({"region": "eu"}, {"mcp-param-region": "eu", "mcp-param-other": "x"}),
}
HEADERS: dict[str, dict[str, str | None]] = {
    "no method": {"mcp-method": None},
    "another method": {"mcp-method": "tools/list"},
    "no name": {"mcp-name": None},
    "another name": {"mcp-name": "echo_send_text"},
    "an encoded name": {"mcp-name": "=?base64?ZWNob19nZXRfdGV4dA==?="},
    "a badly encoded name": {"mcp-name": "=?base64?ZWNob19nZXRfdGV4dA?="},
    "an unknown version": {"mcp-protocol-version": "2031-01-01"},
    "no event stream": {"accept": "application/json"},
    "no JSON": {"accept": "text/event-stream"},
    "anything": {"accept": "*/*"},
    "types by family": {"accept": "application/*, text/*;q=0.1"},
    "no accept": {"accept": ""},
}


Facts = tuple[int, Any, Any]  # status, body, messages


class Pair:
    """One client of each lane."""

    def __init__(self, ours: McpClient, sdk: McpClient) -> None:
        self.clients = (ours, sdk)

    async def both(self, method: str, params: Any, headers: dict[str, str | None] | None = None) -> list[Facts]:
        """Ours, and the SDK's."""
        return [_facts(await _asked(client, method, params, headers or {})) for client in self.clients]

    async def raw(self, body: bytes, **headers: str) -> tuple[tuple[int, Any], tuple[int, Any]]:
        """Status and body of both; a legacy answer's body is that of its only event."""
        ours, sdk = [await _posted(client, body, headers) for client in self.clients]
        return ours, sdk


async def _posted(client: McpClient, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    sent = client.headers() | ({"mcp-method": "tools/list"} if client.era == "modern" else {}) | headers
    async with client.http.post(client.url, data=body, headers=sent) as response:
        found = {name.lower(): value for name, value in response.headers.items()}
        return response.status, client._reply(response.status, found, await response.read()).body  # pyright: ignore[reportPrivateUsage]


async def _asked(client: McpClient, method: str, params: Any, headers: dict[str, str | None]) -> Reply:
    merged = dict(params)
    if client.era == "modern" and (isinstance(merged.get("_meta", {}), dict) and PV not in merged.get("_meta", {})):
        merged["_meta"] = META | (merged.get("_meta") or {})
    named: dict[str, str] = {}
    if client.era == "modern":
        named = {"mcp-method": method} | ({"mcp-name": str(merged["name"])} if "name" in merged else {})
    sent = client.headers() | named | {name: value for name, value in headers.items() if value is not None}
    for name in (name for name, value in headers.items() if value is None):
        sent.pop(name, None)
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": merged}
    async with client.http.post(client.url, data=json.dumps(message), headers=sent) as response:
        found = {name.lower(): value for name, value in response.headers.items()}
        return client._reply(response.status, found, await response.read())  # pyright: ignore[reportPrivateUsage]


def _facts(reply: Reply) -> Facts:
    return reply.status, reply.body, reply.messages


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def urls(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, str]]:
    world = World(tmp_path_factory.mktemp("world"))
    front = world.gateway.front(admit, site)
    async with serving(front) as ours, serving(sdk_only(world)) as sdk:
        yield ours + "/mcp", sdk + "/mcp"
    await world.gateway.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def legacy(urls: tuple[str, str]) -> AsyncIterator[Pair]:
    async with connect(urls[0], "legacy", "owner-token") as ours, connect(urls[1], "legacy", "owner-token") as sdk:
        yield Pair(ours, sdk)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def modern(urls: tuple[str, str]) -> AsyncIterator[Pair]:
    async with connect(urls[0], "modern", "owner-token") as ours, connect(urls[1], "modern", "owner-token") as sdk:
        yield Pair(ours, sdk)


@pytest.mark.parametrize("case", CALLS)
async def test_legacy_requests_are_answered_alike(legacy: Pair, case: str) -> None:
    ours, sdk = await legacy.both(*CALLS[case])
    assert ours == sdk


@pytest.mark.parametrize("case", CALLS)
async def test_modern_requests_are_answered_alike(modern: Pair, case: str) -> None:
    ours, sdk = await modern.both(*CALLS[case])
    assert ours == sdk


@pytest.mark.parametrize("case", HEADERS)
async def test_headers_are_judged_alike(modern: Pair, case: str) -> None:
    ours, sdk = await modern.both("tools/call", {"name": "echo_get_text", "arguments": {}}, HEADERS[case])
    assert ours == sdk


@pytest.mark.parametrize("case", PARAM_HEADERS)
async def test_param_headers_are_judged_alike(modern: Pair, case: str) -> None:
    arguments, headers = PARAM_HEADERS[case]
    ours, sdk = await modern.both("tools/call", {"name": "up_region", "arguments": arguments}, headers)
    assert ours == sdk


@pytest.mark.parametrize("case", RAW)
async def test_modern_messages_that_are_none_are_refused_alike(modern: Pair, case: str) -> None:
    ours, sdk = await modern.raw(RAW[case])
    assert ours == sdk


@pytest.mark.parametrize("case", RAW)
async def test_legacy_messages_that_are_none_are_refused_with_the_same_status(legacy: Pair, case: str) -> None:
    """The SDK's legacy errors quote its parser; a malformed message is -32602 to it and -32600 to JSON-RPC 2.0.

    A malformed id it does not see: it takes such a request for a notification.
    """
    ours, sdk = await legacy.raw(RAW[case])
    if case.startswith("an id"):
        assert (ours[0], ours[1]["error"]["code"], sdk[0]) == (400, -32600, 202)
        return
    assert ours[0] == sdk[0]
    assert ours[1]["id"] == sdk[1]["id"]
    assert ours[1]["error"]["code"] == {-32602: -32600}.get(sdk[1]["error"]["code"], sdk[1]["error"]["code"])


@pytest.mark.parametrize("id", IDS)
async def test_ids_come_back_as_they_were_sent(legacy: Pair, modern: Pair, id: int | str) -> None:
    for pair, params in ((legacy, {}), (modern, {"_meta": META})):
        body = json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": params}).encode()
        ours, sdk = await pair.raw(body)
        assert ours == sdk
        assert ours[1]["id"] == id


@pytest.mark.parametrize("session", ["", "unknown"])
async def test_requests_without_a_good_session_are_refused_alike(legacy: Pair, session: str) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    for client in legacy.clients:
        client.session, kept = session, client.session
        client.extra["x-kept"] = kept
    ours, sdk = await legacy.raw(body)
    for client in legacy.clients:
        client.session = client.extra.pop("x-kept")
    assert ours == sdk
    assert ours[0] == (404 if session else 400)
