"""The file of one integration, `<catalog>/<service>.rows`.

Layout: 8 bytes magic with format number, 4 bytes length of the index (little endian), the index (msgpack: name ->
[offset, length] in the rows part), the rows (msgpack of ToolSpec, one after the other). A reader decodes the index and
only the rows it is asked for.
"""

import mmap
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from trunkline.contract import Internal, ToolSpec

_MAGIC = b"TLROWS\x00\x02"
_HEAD = len(_MAGIC) + 4
_index = msgspec.msgpack.Decoder(dict[str, tuple[int, int]])
_row = msgspec.msgpack.Decoder(ToolSpec)


def pack(specs: Iterable[ToolSpec]) -> bytes:
    """The file's bytes; the same specs give the same bytes."""
    index: dict[str, tuple[int, int]] = {}
    rows = bytearray()
    for spec in sorted(specs, key=lambda spec: spec.name):
        row = msgspec.msgpack.encode(spec)
        index[spec.name] = (len(rows), len(row))
        rows += row
    head = msgspec.msgpack.encode(index)
    return _MAGIC + len(head).to_bytes(4, "little") + head + bytes(rows)


class Rows:
    """An open file: names at once, rows on demand. The pages are shared by all processes that map it."""

    def __init__(self, path: Path) -> None:
        """Raises Internal if `path` is not a rows file of this format, OSError if it cannot be read."""
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise Internal(f"{path.name} is not a rows file of this version", "Run `trunkline catalog build`.")
        end = _HEAD + int.from_bytes(self._map[len(_MAGIC) : _HEAD], "little")
        self._places = _index.decode(self._map[_HEAD:end])
        self._start = end

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._places)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def read(self, name: str) -> ToolSpec | None:
        place = self._places.get(name)
        if place is None:
            return None
        start = self._start + place[0]
        return _row.decode(self._map[start : start + place[1]])


def write_atomically(path: Path, data: bytes) -> None:
    """A reader sees the old file or the new one, never a part."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(data)
    os.replace(file.name, path)
