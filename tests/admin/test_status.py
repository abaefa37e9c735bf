"""The status page says what runs, in any browser, and nothing that is a secret or a script."""

import os
import re
from pathlib import Path

from trunkline.admin.clients import clients
from trunkline.admin.status import HEADERS, CategoryRow, ServiceRow, Status, UpstreamRow, memory, page, stylesheet

URL = "http://127.0.0.1:8000/mcp"


def status(title: str = "GitHub", uptime: float = 3700.0, *, sandbox: bool = True) -> Status:
    return Status(
        version="0.1.0",
        url=URL,
        uptime=uptime,
        pid=4711,
        memory=88.4,
        sandbox=sandbox,
        categories=(
            CategoryRow("code", "running", (ServiceRow(title, 1223),), pid=4712, memory=61.0, restarts=1),
            CategoryRow("comms", "idle", (ServiceRow("Slack", 174), ServiceRow("Zoom", 300))),
            CategoryRow("pm", "idle", ()),
        ),
        upstreams=(UpstreamRow("echo", "http://127.0.0.1:9000/mcp", "up", 3),),
        clients=clients(URL),
    )


def test_the_page_shows_versions_services_servers_and_connect_lines():
    html = page(status()).decode()
    for expected in ("0.1.0", "1 h 1 min", "1,697", "pid 4712", "61 MB", "restarted 1×", "Slack", "none yet", "echo"):
        assert expected in html
    assert "claude mcp add --transport http trunkline" in html


def test_the_sandbox_is_announced_only_when_it_is_on():
    assert b"Sandbox is on" in page(status())
    assert b"Sandbox is on" not in page(status(sandbox=False))


def test_titles_are_escaped():
    html = page(status(title="<script>alert(1)</script>")).decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_nothing_is_inline_and_nothing_comes_from_elsewhere():
    html = page(status()).decode()
    assert not re.search(r"<style|\sstyle=|<script|\son[a-z]+=", html)
    assert set(re.findall(r'(?:src|href)="([^"]+)"', html)) == {"/status.css", "/static/icon.svg"}
    policy = dict(HEADERS)[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"url(" not in stylesheet()


def testspans_are_short():
    shown = {seconds: page(status(uptime=seconds)).decode() for seconds in (5, 65, 90_000)}
    assert "<dd>5 s</dd>" in shown[5]
    assert "<dd>1 min 5 s</dd>" in shown[65]
    assert "<dd>1 d 1 h</dd>" in shown[90_000]


def test_memory_of_a_process_that_is_gone_is_unknown():
    assert memory(os.getpid()) > 1
    assert memory(2**22 + 1) == 0


def test_every_client_gets_the_url_and_the_token():
    lines = clients(URL, "tl_x")
    assert [client.name for client in lines] == ["Claude Code", "Cursor", "VS Code", "MCP Inspector"]
    assert not any("Bearer tl_" in client.line for client in clients(URL))
    assert all(URL in client.line and "Bearer tl_x" in client.line for client in lines)


def test_the_readme_shows_the_same_lines():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    for client in clients("http://127.0.0.1:8000/mcp"):
        assert client.line in readme
