"""The official SDK's client against the gateway: over HTTP and stdio, in both protocol eras."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult, ElicitResult, TextContent

from tests.gateway.conftest import serving, site
from tests.gateway.world import World, admit_anybody

ROOT = Path(__file__).parents[2]
HOW = [(way, mode) for way in ("http", "stdio") for mode in ("legacy", "auto", "2026-07-28")]
IDS = [f"{way} {mode}" for way, mode in HOW]


@pytest.fixture(params=HOW, ids=IDS)
async def server(request: pytest.FixtureRequest, world: World) -> AsyncIterator[tuple[Any, str]]:
    """Where the client connects, and in which mode."""
    way, mode = request.param
    if way == "stdio":
        program = [str(ROOT / "tests" / "gateway" / "stdio_program.py")]
        yield StdioServerParameters(command=sys.executable, args=program, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}), mode
        return
    async with serving(world.gateway.front(admit_anybody, site)) as base:
        yield base + "/mcp", mode


def text_of(result: CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text


async def test_tools_are_listed_and_called(server: tuple[Any, Any]) -> None:
    async with Client(server[0], mode=server[1]) as client:
        listed = await client.list_tools()
        assert "find_tools" in {tool.name for tool in listed.tools}
        answer = await client.call_tool("echo_get_text", {"a": 1})
        assert not answer.is_error
        assert '"a": 1' in text_of(answer)
        failed = await client.call_tool("echo_get_text", {"do": "fail"})
        assert failed.is_error
        assert text_of(failed).startswith("upstream_failed: The service said 500.")


async def test_progress_arrives_while_a_call_runs(server: tuple[Any, Any]) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with Client(server[0], mode=server[1]) as client:
        answer = await client.call_tool("echo_get_text", {"do": "progress"}, progress_callback=hear)
        assert text_of(answer) == "progressed"
    assert seen == [(1, 2, "half"), (2, 2, None)]


async def test_an_upstream_server_can_ask_a_legacy_client(server: tuple[Any, Any]) -> None:
    async def answer(context: Any, params: Any) -> ElicitResult:
        assert params.message == "who?"
        return ElicitResult(action="accept", content={"name": "Ada"})

    async with Client(server[0], mode=server[1], elicitation_callback=answer) as client:
        result = await client.call_tool("up_ask", {})
        assert ("Ada" in text_of(result)) is (server[1] == "legacy")
