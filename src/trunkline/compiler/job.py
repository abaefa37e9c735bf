"""One service to compile, as data that a worker process can be sent."""

import time
from pathlib import Path
from typing import IO

import msgspec

from trunkline.catalog.manifest import Manifest
from trunkline.catalog.write import write_more, write_rows
from trunkline.compiler.report import Built
from trunkline.compiler.service import compile_service
from trunkline.contract import Fact, Fault


class Job(msgspec.Struct, frozen=True):
    """`descriptions` are (source id, file); `key` says from what the rows are made."""

    folder: str
    manifest: Manifest
    key: str
    descriptions: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return sum(Path(path).stat().st_size for _, path in self.descriptions)


class Result(msgspec.Struct, frozen=True):
    """Either `built` or why not."""

    service: str
    built: Built | None = None
    fact: Fact | None = None


_LENGTH = 4
_job = msgspec.msgpack.Decoder(Job)
_result = msgspec.msgpack.Decoder(Result)


def write_frame(stream: IO[bytes], content: Job | Result) -> None:
    """4 bytes length (little endian), then msgpack."""
    data = msgspec.msgpack.encode(content)
    stream.write(len(data).to_bytes(_LENGTH, "little") + data)
    stream.flush()


def read_job(stream: IO[bytes]) -> Job | None:
    """The next job; None at the end."""
    data = _frame(stream)
    return None if data is None else _job.decode(data)


def read_result(stream: IO[bytes]) -> Result | None:
    """The next result; None at the end."""
    data = _frame(stream)
    return None if data is None else _result.decode(data)


def _frame(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH)
    return stream.read(int.from_bytes(head, "little")) if len(head) == _LENGTH else None


def compile_job(job: Job) -> Result:
    """Compiles one service and writes its rows. What it cannot is a fact; MemoryError and RecursionError are too."""
    started = time.monotonic()
    try:
        texts = [(source, Path(path).read_bytes()) for source, path in job.descriptions]
        compiled = compile_service(job.manifest, texts)
        service = write_rows(Path(job.folder), compiled.service, compiled.specs)
        write_more(Path(job.folder), service, compiled.more)
    except Fault as fault:
        return Result(job.manifest.id, fact=fault.fact())
    except (MemoryError, RecursionError) as error:
        where = ", ".join(source for source, _ in job.descriptions)
        why = "it needs too much memory" if isinstance(error, MemoryError) else "it is nested too deeply"
        return Result(
            job.manifest.id, fact=Fact("internal", f"{job.manifest.id}: cannot be compiled: {why} ({where})", "", False)
        )
    return Result(job.manifest.id, Built(job.key, service, compiled.problems, time.monotonic() - started))
