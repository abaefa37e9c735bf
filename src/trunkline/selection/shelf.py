"""What is indexed in a folder: its index, and the pieces that wait to become part of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from trunkline.contract import NotFound, Service
from trunkline.selection import segment
from trunkline.selection.layout import FILE
from trunkline.selection.merge import Held, keys, merge, packed
from trunkline.selection.segment import Array, Segment

_PIECE: Final = ".piece"
Wanted = Sequence[tuple[Service, str]]
"""Services, each with the key of what its piece is made from."""


def put(folder: Path, service: str, key: str, piece: Mapping[str, Array]) -> None:
    """Leave the `piece` of a service in `folder`; `key` says what it was made from."""
    segment.write(folder / f"{service}{_PIECE}", {**piece, "made": packed([(service, key)])})


class Shelf:
    """The folder as it is when this is made, and pieces that are put there later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = _opened(folder / FILE)
        self._keys = {} if self._index is None else keys(self._index)

    def has(self, service: str, key: str) -> bool:
        """Whether a piece of `service` that was made from `key` is at hand."""
        if service in self._keys and self._keys[service][1] == key:
            return True
        piece = _read(self._folder / f"{service}{_PIECE}")
        return piece is not None and keys(piece).get(service, (0, ""))[1] == key

    def is_indexed(self, wanted: Wanted) -> bool:
        """Whether the index is that of all that is `wanted`, and of nothing else."""
        made = {service: key for service, (_, key) in self._keys.items()}
        return self._index is not None and made == {service.id: key for service, key in wanted}

    def index(self, wanted: Wanted) -> None:
        """Write the index of what is `wanted`, all of which must be at hand; no piece is left."""
        segment.write(self._folder / FILE, merge([self._held(service, key) for service, key in wanted]))
        for path in self._folder.glob(f"*{_PIECE}"):
            path.unlink()

    def _held(self, service: Service, key: str) -> Held:
        number, known = self._keys.get(service.id, (0, ""))
        if self._index is not None and known == key:
            return Held(service, key, self._index, number)
        piece = _read(self._folder / f"{service.id}{_PIECE}")
        if piece is None:
            raise NotFound(f"There is no piece of {service.id}.", "Run `trunkline catalog build`.")
        return Held(service, key, piece)


def _opened(path: Path) -> Segment | None:
    """The index; None where there is none that can be taken from, a damaged one say."""
    try:
        index = Segment.open(path)
        keys(index)
    except (NotFound, msgspec.DecodeError):
        return None
    return index


def _read(path: Path) -> Segment | None:
    try:
        return Segment.read(path)
    except NotFound:
        return None
