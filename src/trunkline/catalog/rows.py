"""The file of one integration, `<catalog>/<service>.rows`.

Layout: 8 bytes magic with format number, 4 bytes length of the head (little endian), the head (msgpack: the places,
name -> [offset, length] in the rows part, and a dictionary), the rows one after the other. A row is a ToolSpec in
msgpack, deflated (RFC 1951) with the dictionary, which is made of some of the rows themselves: a fifth of its size, and
still read one by one in about 10 us. A reader decodes the head and only the rows it is asked for.
"""

import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from trunkline.contract import Internal, ToolSpec

_MAGIC = b"TLROWS\x00\x03"
_HEAD = len(_MAGIC) + 4
_DICTIONARY = 16_384  # bytes at most, and
_SHARE = 4  # ... at most a fourth of the rows
_RAW = -zlib.MAX_WBITS  # no header and no checksum of zlib's
_row = msgspec.msgpack.Decoder(ToolSpec)


class _Head(msgspec.Struct, array_like=True):
    places: dict[str, tuple[int, int]]
    dictionary: bytes


_head = msgspec.msgpack.Decoder(_Head)


def pack(specs: Iterable[ToolSpec]) -> bytes:
    """The file's bytes; the same specs give the same bytes."""
    plain = {spec.name: msgspec.msgpack.encode(spec) for spec in sorted(specs, key=lambda spec: spec.name)}
    dictionary = _dictionary(list(plain.values()))
    fresh = zlib.compressobj(wbits=_RAW, zdict=dictionary)
    places: dict[str, tuple[int, int]] = {}
    rows = bytearray()
    for name, row in plain.items():
        deflater = fresh.copy()
        deflated = deflater.compress(row) + deflater.flush()
        places[name] = (len(rows), len(deflated))
        rows += deflated
    head = msgspec.msgpack.encode(_Head(places, dictionary))
    return _MAGIC + len(head).to_bytes(4, "little") + head + bytes(rows)


def _dictionary(rows: Sequence[bytes]) -> bytes:
    """Rows from all over the file, as many as are worth their room."""
    room = min(_DICTIONARY, sum(map(len, rows)) // _SHARE)
    step = max(1, sum(map(len, rows)) // max(1, room))
    return b"".join(rows[::step])[:room]


class Rows:
    """An open file: names at once, rows on demand. The pages are shared by all processes that map it."""

    def __init__(self, path: Path) -> None:
        """Raises Internal if `path` is not a rows file of this format, OSError if it cannot be read."""
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise Internal(f"{path.name} is not a rows file of this version", "Run `trunkline catalog build`.")
        end = _HEAD + int.from_bytes(self._map[len(_MAGIC) : _HEAD], "little")
        head = _head.decode(self._map[_HEAD:end])
        self._places, self._dictionary = head.places, head.dictionary
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
        inflater = zlib.decompressobj(_RAW, zdict=self._dictionary)
        return _row.decode(inflater.decompress(self._map[start : start + place[1]]))


def write_atomically(path: Path, data: bytes) -> None:
    """A reader sees the old file or the new one, never a part."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(data)
    os.replace(file.name, path)
