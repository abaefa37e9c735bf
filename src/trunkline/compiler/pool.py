"""Compiles services in parallel processes, each with a limit of memory and of time.

Processes of our own and not `multiprocessing`: that runs the caller's main module again in each of them, which a caller
without a main guard does not survive.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from typing import IO

import msgspec

from trunkline.compiler.job import Job, Result, read_result, write_frame
from trunkline.contract import Fact


class Limits(msgspec.Struct, frozen=True):
    """What one service may take: bytes of memory of the process that compiles it, seconds."""

    memory: int = 1 << 30
    seconds: float = 300.0


@contextmanager
def pool(workers: int, limits: Limits | None = None) -> Generator["Pool"]:
    """At most `workers` processes, each started when it gets its first job; at the end they are ended."""
    with ExitStack() as stack:
        made: list[_Worker] = []
        for _ in range(workers):
            made.append(_Worker(limits or Limits(), stack.enter_context(tempfile.TemporaryFile())))
            stack.callback(made[-1].close)
        yield Pool(made)


class Pool:
    """See `pool`."""

    def __init__(self, workers: "Sequence[_Worker]") -> None:
        self._workers = workers

    def warm(self) -> None:
        """Starts a process ahead of its first job: that takes a good part of what compiling one service does."""
        self._workers[0].start()

    def run(self, jobs: Sequence[Job]) -> Iterator[Result]:
        """One result for each job, as they come; the largest jobs first. A process that dies costs its own job only."""
        waiting: SimpleQueue[Job] = SimpleQueue()
        for job in sorted(jobs, key=lambda job: job.size, reverse=True):
            waiting.put(job)
        results: SimpleQueue[Result] = SimpleQueue()
        for worker in self._workers[: len(jobs)]:
            Thread(target=_serve, args=(worker, waiting, results), daemon=True).start()
        for _ in jobs:
            yield results.get()


def _serve(worker: "_Worker", waiting: "SimpleQueue[Job]", results: "SimpleQueue[Result]") -> None:
    while not worker.closed:
        try:
            job = waiting.get_nowait()
        except Empty:
            return
        results.put(worker.compile(job))


class _Worker:
    """A process, started when a job needs one: the first, and the next after one that died."""

    def __init__(self, limits: Limits, complaints: IO[bytes]) -> None:
        """`complaints` is a file of its own: the process's standard error."""
        self.closed = False
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints = complaints

    def compile(self, job: Job) -> Result:
        started = time.monotonic()
        process = self.start()
        watch = Timer(self._limits.seconds, process.kill)
        watch.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            write_frame(process.stdin, job)
            result = read_result(process.stdout)
        except (OSError, ValueError, msgspec.DecodeError):
            result = None  # the process is gone
        finally:
            watch.cancel()
        return result or Result(job.manifest.id, fact=self._death(job, process, time.monotonic() - started))

    def start(self) -> "subprocess.Popen[bytes]":
        """The process, started if there is none."""
        self._process = self._process or self._started()
        return self._process

    def close(self) -> None:
        self.closed = True
        if self._process is not None:
            self._end(self._process)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "trunkline.compiler.worker", str(self._limits.memory)]
        pipe, one_core = subprocess.PIPE, os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # each thread reserves memory
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._complaints, env=one_core)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        with process:  # waits for it, and closes its pipes
            process.kill()

    def _death(self, job: Job, process: "subprocess.Popen[bytes]", seconds: float) -> Fact:
        """Says of which service and description a process died."""
        self._end(process)
        self._process = None
        where = ", ".join(source for source, _ in job.descriptions)
        if seconds >= self._limits.seconds:
            why = f"it took more than {self._limits.seconds:.0f} s"
        else:
            why = self._last_words() or f"its process ended with {process.returncode}"
        return Fact("internal", f"{job.manifest.id}: cannot be compiled: {why} ({where})", _HINT, False)

    def _last_words(self) -> str:
        """The last line of what the process wrote to standard error, and forgets it."""
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        self._complaints.seek(0)
        self._complaints.truncate()
        return lines[-1][:300] if lines else ""


_HINT = "The description is broken or too large; the other services are built."
