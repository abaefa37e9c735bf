"""Programs under measurement: started, timed, weighed, stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STOP_SECONDS = 10


@dataclass(frozen=True)
class Measured:
    """A running program, with the children it has started since."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(_family(self.process.pid))

    def cpu(self) -> float:
        """CPU seconds that the program and its children have used so far."""
        return sum(cpu_seconds(pid) for pid in self.pids)

    def memory(self) -> int:
        """Resident bytes of the program itself."""
        return resident_bytes(self.process.pid)

    def family_memory(self) -> int:
        """Resident bytes of the program and its children; what they share is counted for each."""
        return sum(resident_bytes(pid) for pid in self.pids)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(command: Sequence[str], output: Path, environment: Mapping[str, str] | None = None) -> Generator[Measured]:
    """`python ARGUMENTS` for as long as the block lasts."""
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Measured(process, output)
    finally:
        _stop(process)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process to the nanosecond, where /proc/PID/stat counts in hundredths of a second.

    The clock id is that of clock_getcpuclockid(3) on Linux: the inverted pid, and 2 for the scheduler's clock.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0  # it ended; what it used is lost to us


def resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, flags=re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _family(pid: int) -> Iterable[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            yield from _family(int(child))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_STOP_SECONDS)
