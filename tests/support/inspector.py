"""The web page of the MCP Inspector, unmodified, as its users start it: with the URL of a server."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.oidc.server import MODULES, node
from tests.support.process import answers, free_port, stop
from tests.support.wait import until

SCRIPT = MODULES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
_START_SECONDS = 20


@contextmanager
def inspector(server: str, folder: Path, era: str) -> Generator[str]:
    """The page's URL, while it is served. What it stores goes to `folder`."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MCP_STORAGE_DIR": str(folder / "storage"),
        "MCP_INSPECTOR_SECRET_STORE": "memory",
        "MCP_AUTO_OPEN_ENABLED": "false",
        "DANGEROUSLY_OMIT_AUTH": "true",  # of its page, which only this test opens
        "HOST": "127.0.0.1",
        "CLIENT_PORT": str(port),
        "MCP_SANDBOX_PORT": str(free_port()),
    }
    command = [node(), SCRIPT, "--web", "--transport", "http", "--server-url", server, "--protocol-era", era]
    with (folder / "inspector.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until(lambda: answers(port, "/"), _START_SECONDS, "the Inspector's page")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)
