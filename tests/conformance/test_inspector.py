"""The MCP Inspector's command line against the gateway: what a developer tries first."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Stand
from tests.conformance.suites import TOOLS, node

SCRIPT = TOOLS / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
ERAS = pytest.mark.parametrize("era", ["legacy", "auto", "modern"])


def inspect(stand: Stand, era: str, folder: Path, *arguments: str) -> Any:
    """The JSON that one command prints."""
    url = ["--cli", stand.gateway.url, "--transport", "http", "--protocol-era", era, "--format", "json", "-q"]
    token = ["--header", f"Authorization: Bearer {stand.gateway.token}"]
    done = node(SCRIPT, [*url, *token, *arguments], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["result"]


@ERAS
def test_the_inspector_lists_tools(stand: Stand, tmp_path: Path, era: str) -> None:
    listed = inspect(stand, era, tmp_path, "--method", "tools/list")
    assert {"find_tools", "call_tool", "test_simple_text"} <= {tool["name"] for tool in listed["tools"]}


@ERAS
def test_the_inspector_calls_tools(stand: Stand, tmp_path: Path, era: str) -> None:
    called = inspect(stand, era, tmp_path, "--method", "tools/call", "--tool-name", "test_simple_text")
    assert called["content"][0]["text"] == "This is a simple text response for testing."
    found = ["--tool-name", "find_tools", "--tool-args-json", '{"intents": ["create an issue"]}']
    assert "issue" in json.dumps(inspect(stand, era, tmp_path, "--method", "tools/call", *found))
