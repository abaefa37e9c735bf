"""Steady (npm @stdy/cli), the judge: one process for one OpenAPI description, and what it says of a request.

It knows no servers: paths are those of `paths`. Credentials are not its business.
"""

import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException  # noqa: TID251 - a bench asks its judge
from pathlib import Path

from bench.world import free_port, listens

TOOLS = Path(__file__).parents[2] / "tools" / "node" / "node_modules"
_START_SECONDS = 60
_ANSWER_SECONDS = 30


class Unreadable(Exception):
    """Steady does not take the description; says why."""


class Steady:
    """Asked one request at a time."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def judge(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
        """Why the request is refused; "" if it is accepted."""
        try:
            self._connection.request(method, target, body or None, dict(headers))
            answer = self._connection.getresponse()
            answer.read()
        except (HTTPException, OSError) as error:
            self._connection.close()  # the next request opens it anew
            return f"no answer: {type(error).__name__}"
        if answer.getheader("x-steady-request-valid") == "true":
            return ""
        code, where, what = (answer.getheader(f"x-steady-error-1-{part}", "") for part in ("code", "path", "message"))
        return f"{code} {where}: {what}" if code else f"HTTP {answer.status}"


@contextmanager
def running(description: Path) -> Generator[Steady]:
    """Raises Unreadable."""
    port = free_port()
    log = description.with_suffix(".log")
    command = [str(_binary()), "--log=false", f"--port={port}", str(description)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(process, port, log)
        with closing(Steady(port)) as steady:
            yield steady
    finally:
        process.kill()
        process.wait()


def _binary() -> Path:
    """The program itself: its launcher does not pass signals on."""
    found = next(TOOLS.glob("@stdy/cli-*/bin/steady*"), None)
    if found is None:
        raise RuntimeError("@stdy/cli is missing: run tools/node/install.py")
    return found


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while not listens(port):
        if process.poll() is not None:
            raise Unreadable(_complaint(log.read_text(encoding="utf-8", errors="replace")))
        if time.monotonic() > end:
            raise Unreadable(f"not read within {_START_SECONDS} s")
        time.sleep(0.02)  # noqa: TID251 - another process is waited for, with a bound


def _complaint(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it ended")[:200]
