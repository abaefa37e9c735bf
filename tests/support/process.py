"""Real programs as fixtures: started, awaited until ready, stopped, and their output kept for the failure's report."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.wait import until

_START_SECONDS = 30
_STOP_SECONDS = 10
# Nothing of the developer's own set-up reaches a program under test.
_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"}
_KEPT_OURS = {"TRUNKLINE_CACHE_DIR", "TRUNKLINE_SPEC_MIRROR"}


@dataclass(frozen=True)
class Program:
    """A running program. `output` is the file its standard output and error go to."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None


@contextmanager
def running(module: str, arguments: Sequence[str], environment: Mapping[str, str], output: Path) -> Generator[Program]:
    """`python -m module arguments` for as long as the block lasts; ended with SIGTERM, then SIGKILL."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT | _KEPT_OURS}
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=kept | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Program(process, output)
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_STOP_SECONDS)


def await_ready(program: Program, port: int, path: str = "/readyz", seconds: float = _START_SECONDS) -> None:
    """Raises AssertionError with the program's output when it ends first, TimeoutError when it is never ready."""

    def ready() -> bool:
        assert program.alive(), f"exit {program.process.returncode}:\n{program.said()}"
        return answers(port, path)

    try:
        until(ready, seconds, f"{path} on port {port}")
    except TimeoutError as error:
        raise TimeoutError(f"{error}\n{program.said()}") from error


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
