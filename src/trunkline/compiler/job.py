"""One service to compile and to index, as data that a worker process can be sent."""

from pathlib import Path
from typing import IO

import msgspec

from trunkline.catalog.manifest import Manifest
from trunkline.catalog.usage import Usage
from trunkline.compiler.report import Built
from trunkline.contract import Fact


class Job(msgspec.Struct, frozen=True):
    """`descriptions` are (source id, file); `key` says from what the rows are made, `piece` from what their index.

    `built` is the service as it was built, if its rows are up to date: then it is only indexed.
    """

    folder: str
    manifest: Manifest
    key: str
    descriptions: tuple[tuple[str, str], ...]
    piece: str = ""
    usage: Usage = Usage()
    built: Built | None = None

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
