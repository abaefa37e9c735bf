"""The fixtures' server as the upstream of a real gateway: no name prefix, and the listener that asks for no token."""

import json
import sqlite3
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.gateway import Gateway, gateway
from tests.support.process import await_ready, free_port, running
from tests.support.wait import until

SETTINGS = """
[upstreams.fixtures]
url = "http://127.0.0.1:{port}/mcp"
prefix = ""
pinned = true
"""
_ROWS = """
select count(*) from audit
where kind = ? and call in (select call from audit where kind = 'intent' and service = 'fixtures')
"""


@dataclass(frozen=True)
class Stand:
    """A gateway in front of the fixtures' server, which listens on `upstream`."""

    gateway: Gateway
    upstream: int

    @property
    def url(self) -> str:
        """`localhost`, as the suites' DNS rebinding scenario demands."""
        return f"http://localhost:{self.gateway.open_port}/mcp"

    def calls(self) -> int:
        """The tools/call requests that reached the upstream server."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.upstream}/stats", timeout=5) as answer:
            return int(json.load(answer)["calls"])

    def audited(self, kind: str) -> int:
        """The audit rows of this kind about calls of the upstream server's tools."""
        with sqlite3.connect(f"file:{self.gateway.folder / 'trunkline.db'}?mode=ro", uri=True) as database:
            return int(database.execute(_ROWS, (kind,)).fetchone()[0])


@contextmanager
def standing(folder: Path, catalog: Path, *options: str) -> Generator[Stand]:
    """A gateway in front of a fixtures' server that was started with `options`."""
    port = free_port()
    with running(
        "tests.conformance.fixture_server", ["--port", str(port), *options], {}, folder / "upstream.log"
    ) as upstream:
        await_ready(upstream, port, "/stats")
        with gateway(folder / "gateway", catalog, settings=SETTINGS.format(port=port)) as started:
            stand = Stand(started, port)
            until(lambda: "test_simple_text" in tools(stand), 10, "the upstream's tools")
            yield stand


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory, catalog_folder: Path) -> Generator[Stand]:
    """The upstream server speaks both protocol eras."""
    with standing(tmp_path_factory.mktemp("conformance"), catalog_folder) as stand:
        yield stand


def tools(stand: Stand) -> str:
    """tools/list as text, asked the modern way; "" while nobody listens."""
    version = "2026-07-28"
    meta = {f"io.modelcontextprotocol/{name}": value for name, value in _envelope(version).items()}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": version,
        "Mcp-Method": "tools/list",
    }
    request = urllib.request.Request(stand.url, json.dumps(message).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read(), "utf-8")


def _envelope(version: str) -> dict[str, object]:
    return {"protocolVersion": version, "clientCapabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
