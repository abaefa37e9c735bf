"""Compiles services in parallel processes."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Thread

import msgspec

from trunkline.compiler.job import Job, Result, compile_job, read_result
from trunkline.contract import Fact

Process = subprocess.Popen[bytes]


def run(jobs: Sequence[Job], workers: int) -> Iterator[Result]:
    """One result for each job, as they come; the largest jobs first. A worker that dies costs its own jobs only."""
    order = sorted(jobs, key=lambda job: job.size, reverse=True)
    if workers < 2 or len(order) < 2:
        yield from map(compile_job, order)
        return
    results: SimpleQueue[Result] = SimpleQueue()
    with ExitStack() as stack:
        for share in _shares(order, workers):
            process = stack.enter_context(_worker())
            stack.callback(process.kill)  # before the wait that the context above ends with
            Thread(target=_drive, args=(process, share, results), daemon=True).start()
        for _ in order:
            yield results.get()


def _shares(order: Sequence[Job], workers: int) -> list[list[Job]]:
    """Each job to the worker with the least to do so far."""
    shares: list[list[Job]] = [[] for _ in range(min(workers, len(order)))]
    for job in order:
        min(shares, key=lambda share: sum(other.size for other in share)).append(job)
    return shares


def _worker() -> Process:
    command = [sys.executable, "-m", "trunkline.compiler.worker"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _drive(process: Process, share: Sequence[Job], results: "SimpleQueue[Result]") -> None:
    """Sends a worker its share and hands its results on, one for each job whatever happens."""
    assert process.stdin is not None
    assert process.stdout is not None
    missing = [job.manifest.id for job in share]
    try:
        process.stdin.write(msgspec.msgpack.encode(share))
        process.stdin.close()
        while missing and (result := read_result(process.stdout)) is not None:
            missing.remove(result.service)
            results.put(result)
    except (OSError, ValueError, msgspec.DecodeError):
        pass  # the worker is gone: what it did not answer is reported below
    finally:
        for service in missing:
            hint = "Run `trunkline catalog build` again."
            results.put(Result(service, fact=Fact("internal", f"{service}: the compiler's process died", hint, True)))
