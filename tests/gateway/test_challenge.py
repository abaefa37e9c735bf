"""What a client without the right token is told: where to get one, and which scope it takes."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.gateway.conftest import serving, site
from tests.gateway.test_http import GOOD, INITIALIZE
from tests.gateway.world import OWNER, World, admit
from trunkline.contract import Admitted

MODERN = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
    "authorization": "Bearer any",
}


async def reading(_authorization: bytes, _host: bytes, _path: str) -> Admitted:
    """A token with the scope mcp:read."""
    return Admitted(OWNER, frozenset({"mcp:read"}))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


async def challenge_of(http: aiohttp.ClientSession, url: str, **headers: str) -> str:
    async with http.post(url, data=b"{}", headers={"content-type": "application/json", **headers}) as response:
        assert response.status == 401
        return response.headers["www-authenticate"]


@pytest.mark.parametrize("path", ["/mcp", "/mcp/t/echo", "/mcp/t/there-is-none"])
async def test_a_challenge_names_the_metadata_of_the_very_resource(
    world: World, http: aiohttp.ClientSession, path: str
) -> None:
    async with serving(world.gateway.front(admit, site)) as base:
        challenge = await challenge_of(http, base + path)
    assert challenge == (
        f'Bearer realm="trunkline", resource_metadata="{base}/.well-known/oauth-protected-resource{path}", scope="mcp"'
    )


async def test_a_challenge_to_a_bad_token_says_so(world: World, http: aiohttp.ClientSession) -> None:
    async with serving(world.gateway.front(admit, site)) as base:
        challenge = await challenge_of(http, base + "/mcp", authorization="Bearer wrong")
    assert 'error="invalid_token"' in challenge
    assert "offline_access" not in challenge


async def test_nothing_of_a_strange_path_gets_into_the_challenge(world: World, http: aiohttp.ClientSession) -> None:
    async with serving(world.gateway.front(admit, site)) as base:
        challenge = await challenge_of(http, base + "/mcp/t/a%22,%20error=%22x%0d%0aX-Evil:1")
    assert challenge.endswith('/.well-known/oauth-protected-resource/mcp", scope="mcp"')


def call(tool: str) -> bytes:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": tool, "arguments": {}, "_meta": meta}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()


@pytest.mark.parametrize(
    ("tool", "status"), [("echo_get_text", 200), ("echo_send_text", 403), ("echo_remove_text", 403)]
)
async def test_a_token_for_reading_reads_and_no_more(
    world: World, http: aiohttp.ClientSession, tool: str, status: int
) -> None:
    async with (
        serving(world.gateway.front(reading, site)) as base,
        http.post(base + "/mcp", data=call(tool), headers={**MODERN, "mcp-name": tool}) as response,
    ):
        assert response.status == status, await response.text()
        challenge = response.headers.get("www-authenticate", "")
        text = await response.text()
    if status == 403:
        assert 'error="insufficient_scope"' in challenge
        assert 'scope="mcp"' in challenge
        assert f'resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"' in challenge
        assert "insufficient_scope: " in text
        assert world.books.rows == [("refused", "insufficient_scope")]
    else:
        assert not challenge
        assert world.books.rows == [("intent", tool), ("outcome", "ok")]


async def test_a_session_goes_on_when_its_client_comes_back_with_a_wider_token(
    world: World, http: aiohttp.ClientSession
) -> None:
    scopes = {b"Bearer read": frozenset({"mcp:read"}), b"Bearer all": frozenset({"mcp"})}

    async def by_token(authorization: bytes, _host: bytes, _path: str) -> Admitted:
        return Admitted(OWNER, scopes[authorization])

    body = b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo_send_text","arguments":{}}}'
    async with serving(world.gateway.front(by_token, site)) as base:
        headers = {**GOOD, "authorization": "Bearer read"}
        async with http.post(base + "/mcp", data=INITIALIZE, headers=headers) as response:
            headers["mcp-session-id"] = response.headers["mcp-session-id"]
        async with http.post(base + "/mcp", data=body, headers=headers) as response:
            assert response.status == 403
        async with http.post(base + "/mcp", data=body, headers={**headers, "authorization": "Bearer all"}) as response:
            assert response.status == 200
            assert "insufficient_scope" not in await response.text()
