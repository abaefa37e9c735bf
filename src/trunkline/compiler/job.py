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
_result = msgspec.msgpack.Decoder(Result)


def write_result(stream: IO[bytes], result: Result) -> None:
    """4 bytes length (little endian), then msgpack."""
    data = msgspec.msgpack.encode(result)
    stream.write(len(data).to_bytes(_LENGTH, "little") + data)
    stream.flush()


def read_result(stream: IO[bytes]) -> Result | None:
    """The next result; None at the end."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    return _result.decode(stream.read(int.from_bytes(head, "little")))


def compile_job(job: Job) -> Result:
    """Compiles one service and writes its rows."""
    started = time.monotonic()
    try:
        texts = [(source, Path(path).read_bytes()) for source, path in job.descriptions]
        compiled = compile_service(job.manifest, texts)
    except Fault as fault:
        return Result(job.manifest.id, fact=fault.fact())
    service = write_rows(Path(job.folder), compiled.service, compiled.specs)
    write_more(Path(job.folder), service, compiled.more)
    return Result(job.manifest.id, Built(job.key, service, compiled.problems, time.monotonic() - started))
