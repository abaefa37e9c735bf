"""An immutable index segment: named numpy arrays in one memory-mapped file, so opening reads the header only.

Layout: magic, length of the header (8 bytes, little endian), header (msgpack: array name -> dtype, shape, offset),
arrays aligned to 64 bytes. A segment is replaced by renaming a new file over it; whoever has the old one open keeps it.
"""

import mmap
import os
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trunkline.contract import NotFound

Array = NDArray[Any]

_MAGIC = b"TLSELECT\x01\x00\x00\x00\x00\x00\x00\x00"
_LENGTH = struct.Struct("<Q")
_ALIGNMENT = 64


class _Place(msgspec.Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    offset: int  # from the end of the header, in bytes


class Segment:
    """Read-only access by array name."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays

    def __getitem__(self, name: str) -> Array:
        array = self._arrays.get(name)
        if array is None:
            raise NotFound(f"The index lacks {name}: another version built it.", "Run `trunkline catalog build`.")
        return array

    @staticmethod
    def open(path: Path) -> "Segment":
        """Map the segment at `path`. Raises NotFound when there is none, a damaged one, or one of another format."""
        try:
            with path.open("rb") as file:
                return _segment(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), path)
        except (FileNotFoundError, ValueError):
            raise NotFound(f"There is no index at {path}.", "Run `trunkline catalog build`.") from None

    @staticmethod
    def read(path: Path) -> "Segment":
        """The segment at `path` in memory: of many small ones, none keeps a file open. Raises what `open` does."""
        try:
            return _segment(path.read_bytes(), path)
        except FileNotFoundError:
            raise NotFound(f"There is no index at {path}.", "Run `trunkline catalog build`.") from None


def _segment(data: mmap.mmap | bytes, path: Path) -> Segment:
    if data[: len(_MAGIC)] != _MAGIC:
        raise NotFound(f"The index at {path} has another format.", "Run `trunkline catalog build`.")
    try:
        return Segment(_map(data))
    except (struct.error, msgspec.DecodeError, ValueError, TypeError):
        raise NotFound(f"The index at {path} is damaged.", "Run `trunkline catalog build`.") from None


def _map(data: mmap.mmap | bytes) -> dict[str, Array]:
    start = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    places = msgspec.msgpack.decode(data[start : start + length], type=dict[str, _Place])
    base = _aligned(start + length)
    return {name: _view(data, place, base) for name, place in places.items()}


def _view(data: mmap.mmap | bytes, place: _Place, base: int) -> Array:
    count = int(np.prod(place.shape, dtype=np.int64))
    flat: Array = np.frombuffer(data, np.dtype(place.dtype), count, base + place.offset)
    return flat.reshape(place.shape)


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write `arrays` to `path` in one step: a reader sees the old segment or the new one, never a part."""
    places: dict[str, _Place] = {}
    end = 0
    for name, array in arrays.items():
        offset = _aligned(end)
        places[name] = _Place(array.dtype.str, array.shape, offset)
        end = offset + array.nbytes
    header = msgspec.msgpack.encode(places)
    base = _aligned(len(_MAGIC) + _LENGTH.size + len(header))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(_MAGIC + _LENGTH.pack(len(header)) + header)
        for name, array in arrays.items():
            file.seek(base + places[name].offset)
            file.write(np.ascontiguousarray(array).data)
        file.truncate(base + end)
    os.replace(file.name, path)


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT
