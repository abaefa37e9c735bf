"""Manifests as they were read the last time: reading YAML is most of what a build does that has nothing to do."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from trunkline.catalog.makers import digests
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.rows import write_atomically

FILE = "manifests.msgpack"
# Whatever these say decides what a file is read as.
_READERS = tuple(f"catalog/{each}.py" for each in ("auth", "checks", "corrections", "family", "manifest"))
_kept = msgspec.msgpack.Decoder(dict[bytes, Manifest])


class Kept:
    """Manifests by the digest of all that they are read from, so that none is ever out of date."""

    def __init__(self, path: Path | None, modules: Path) -> None:
        """`path` need not exist; without one nothing is kept."""
        self._path = path
        self._known = _read(path) if path else {}
        self._used: dict[bytes, Manifest] = {}
        self._readers = digests((*_READERS, "contract/*.py")) + digests(("families/*.yaml",), modules) if path else b""

    def get(self, where: str, text: bytes, read: Callable[[], Manifest]) -> Manifest:
        """The manifest in the `text` of the file `where`; `read` reads it, and what it raises is not kept."""
        if self._path is None:
            return read()
        key = sha256(b"\0".join((self._readers, where.encode(), text))).digest()
        found = self._used[key] = self._known.get(key) or read()
        return found

    @property
    def changed(self) -> bool:
        """Whether anything that was got is new."""
        return not self._used.keys() <= self._known.keys()

    def save(self) -> None:
        """What was got since this was made, and nothing else."""
        if self._path is not None and self._used.keys() != self._known.keys():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, msgspec.msgpack.encode(self._used))


def _read(path: Path) -> dict[bytes, Manifest]:
    try:
        return _kept.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}  # nothing kept yet, or by another version
