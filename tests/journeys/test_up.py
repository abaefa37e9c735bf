"""`trunkline up`: what a newcomer gets, over real processes."""

import os
import re
import signal
import socket
from collections.abc import Generator
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.support.gateway import Gateway, gateway, prepare, trunkline
from tests.support.mcp import Era, connect
from tests.support.process import stop
from tests.support.wait import until
from trunkline.gateway.audit.chain import verify
from trunkline.infra import database

ISSUE = {"name": "github_create_issue", "arguments": {"owner": "octo", "repo": "hello", "title": "It works"}}
MESSAGE = {"name": "slack_post_message", "arguments": {"channel": "#team", "text": "It works"}}
ERAS: tuple[Era, ...] = ("modern", "legacy")


@pytest.fixture
def own_gateway(tmp_path: Path, catalog_folder: Path) -> Generator[Gateway]:
    """For tests that do harm to it."""
    with gateway(tmp_path / "data", catalog_folder) as running:
        yield running


def servers(running: Gateway) -> dict[str, psutil.Process]:
    """The category servers that run, by category."""
    found: dict[str, psutil.Process] = {}
    for child in psutil.Process(running.program.pid).children():
        words = child.cmdline()
        if "trunkline.programs.category" in words:
            found[words[words.index("--category") + 1]] = child
    return found


async def get(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.text(), {key.lower(): value for key, value in response.headers.items()}


@pytest.mark.parametrize("era", ERAS)
async def test_an_agent_finds_a_tool_and_calls_it_in_both_eras(running_gateway: Gateway, era: Era):
    async with running_gateway.client(era) as client:
        assert [tool["name"] for tool in await client.list_tools()] == [
            "call_read_tool",
            "call_tool",
            "describe_tools",
            "find_tools",
            "list_services",
        ]
        found = await client.text_of("find_tools", {"intents": ["create a GitHub issue", "post a message in Slack"]})
        assert "github_create_issue(" in found
        assert "slack_post_message(" in found
        assert "It works" in await client.text_of("call_tool", ISSUE)
        assert "It works" in await client.text_of("call_tool", MESSAGE)


async def test_the_output_says_where_everything_is_and_how_to_connect(running_gateway: Gateway):
    said = running_gateway.program.said()
    assert running_gateway.url in said
    assert running_gateway.token in said
    for client in ("claude mcp add", "mcp.json", "code --add-mcp", "@modelcontextprotocol/inspector"):
        assert client in said
    assert "sandbox" in said


async def test_the_status_page_shows_services_and_servers_and_no_token(running_gateway: Gateway):
    async with running_gateway.client() as client:
        await client.text_of("call_tool", ISSUE)
    base = running_gateway.url.removesuffix("/mcp")
    status, html, headers = await get(base + "/")
    assert status == 200
    assert "GitHub" in html
    assert "Sandbox is on" in html
    assert re.search(r"code</th>\s*<td><span class=\"state running\">running</span> <small>pid \d+", html)
    assert running_gateway.token not in html
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (await get(base + "/status.css"))[0] == 200
    assert (await get(base + "/elsewhere"))[0] == 404


async def test_health_checks_answer_without_a_token(running_gateway: Gateway):
    base = running_gateway.url.removesuffix("/mcp")
    assert (await get(base + "/healthz"))[0] == 200
    assert (await get(base + "/readyz"))[0] == 200


async def test_the_main_port_asks_for_the_token_and_the_open_one_does_not(running_gateway: Gateway):
    async with connect(running_gateway.url, "modern") as stranger:
        refused = await stranger.send({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
        assert refused.status == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
    async with connect(running_gateway.open_url, "modern") as tool:
        assert len(await tool.list_tools()) == 5


@pytest.mark.parametrize("port", ["port", "open_port"])
@pytest.mark.parametrize("path", ["/mcp", "/", "/readyz"])
async def test_a_foreign_host_is_refused_on_every_listener(running_gateway: Gateway, port: str, path: str):
    url = f"http://127.0.0.1:{getattr(running_gateway, port)}{path}"
    assert (await get(url, Host="evil.example"))[0] == 403


async def test_killing_a_category_server_leaves_the_rest_untouched_and_the_next_call_works(own_gateway: Gateway):
    async with own_gateway.client() as client:
        await client.text_of("call_tool", ISSUE)
        await client.text_of("call_tool", MESSAGE)
        before = servers(own_gateway)
        before["code"].kill()
        before["code"].wait(10)
        assert "It works" in await client.text_of("call_tool", MESSAGE)
        assert "It works" in await client.text_of("call_tool", ISSUE)
        after = servers(own_gateway)
    assert after["comms"].pid == before["comms"].pid
    assert after["code"].pid != before["code"].pid
    assert own_gateway.program.alive()


async def test_find_tools_starts_the_category_servers_of_what_it_returns(own_gateway: Gateway):
    assert servers(own_gateway) == {}
    async with own_gateway.client() as client:
        await client.text_of("find_tools", {"intents": ["charge a customer with Stripe"]})
        until(lambda: "payment" in servers(own_gateway), 10, "category server")


async def test_the_gateway_stays_small(own_gateway: Gateway):
    for era in ERAS:
        async with own_gateway.client(era) as client:
            await client.text_of("find_tools", {"intents": ["create a GitHub issue"]})
            await client.text_of("call_tool", ISSUE)
    assert psutil.Process(own_gateway.program.pid).memory_info().rss < 150_000_000


async def test_sigterm_ends_everything_and_closes_the_audit_chain(own_gateway: Gateway):
    async with own_gateway.client() as client:
        await client.text_of("call_tool", ISSUE)
        await client.text_of("call_tool", MESSAGE)
        await client.call("call_tool", {"name": "github_no_such_tool", "arguments": {}})
    children = psutil.Process(own_gateway.program.pid).children(recursive=True)
    assert len(children) >= 3  # two category servers and the sandbox
    stop(own_gateway.program.process)
    assert own_gateway.program.process.returncode == 0
    assert not [child for child in children if child.is_running()]
    verdict = verify(own_gateway.folder / "trunkline.db")
    assert verdict.intact
    assert verdict.unclosed == ()
    assert audited(own_gateway.folder) == ["open", "intent", "outcome", "intent", "outcome", "refused", "close"]


def audited(folder: Path) -> list[str]:
    connection = database.connect(folder / "trunkline.db")
    try:
        return [row[0] for row in connection.execute("SELECT kind FROM audit ORDER BY seq")]
    finally:
        connection.close()


async def test_a_client_that_waits_for_news_does_not_delay_the_end(own_gateway: Gateway):
    async with own_gateway.client("legacy") as client:
        headers = client.headers() | {"accept": "text/event-stream"}
        async with client.http.get(client.url, headers=headers) as stream:
            assert stream.status == 200
            own_gateway.program.process.send_signal(signal.SIGTERM)
            rest = await stream.content.read()  # would raise if the stream were broken off
    assert all(line.startswith(b":") for line in rest.splitlines() if line)  # nothing but pings
    until(lambda: not own_gateway.program.alive(), 5, "the gateway's end")
    assert own_gateway.program.process.returncode == 0
    assert "Traceback" not in own_gateway.program.said()


async def test_category_servers_and_sandbox_end_when_the_gateway_is_killed(own_gateway: Gateway):
    async with own_gateway.client() as client:
        await client.text_of("call_tool", ISSUE)
    children = psutil.Process(own_gateway.program.pid).children(recursive=True)
    os.kill(own_gateway.program.pid, signal.SIGKILL)
    assert children
    assert until(lambda: not [child for child in children if child.is_running()], 10, "children's end")


def test_a_port_in_use_is_one_line_and_a_hint(tmp_path: Path, catalog_folder: Path):
    prepare(tmp_path / "data", catalog_folder)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = trunkline(tmp_path / "data", "up", "--port", str(port))
    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        f"error: Cannot listen on 127.0.0.1:{port}: the port is in use.",
        "Is Trunkline running already? Otherwise choose another with --port or TRUNKLINE_PORT.",
    ]


def test_a_missing_catalog_is_one_line_and_the_command_that_builds_it(tmp_path: Path):
    done = trunkline(tmp_path, "up")
    assert done.returncode == 66
    assert "trunkline catalog build" in done.stderr
    assert "Traceback" not in done.stderr


async def test_everything_can_run_in_one_process(tmp_path: Path, catalog_folder: Path):
    with gateway(tmp_path / "data", catalog_folder, ["--topology", "monolith"]) as running:
        async with running.client() as client:
            assert "It works" in await client.text_of("call_tool", ISSUE)
            assert "It works" in await client.text_of("call_tool", MESSAGE)
        assert servers(running) == {}
        html = (await get(running.url.removesuffix("/mcp") + "/"))[1]
        assert "in process" in html


async def test_without_the_sandbox_a_service_that_is_not_connected_says_how_to_connect_it(
    tmp_path: Path, catalog_folder: Path
):
    with gateway(tmp_path / "data", catalog_folder, ["--no-sandbox"]) as running:
        async with running.client() as client:
            result = await client.call("call_tool", ISSUE)
    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert text.startswith("needs_connection: ")
    assert f"{running.url.removesuffix('/mcp')}/connect/github?for=" in text
