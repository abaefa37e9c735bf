"""Fetches API descriptions as they were published, pinned by sha256, cached, offline once cached."""

import gzip
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import msgspec

from trunkline.catalog.family import MODULES
from trunkline.catalog.lock import Lock, SourceId
from trunkline.catalog.manifest import OWN, PYTHON
from trunkline.contract import InvalidManifest, NotFound, UpstreamFailed

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    return


class _Mirrored(msgspec.Struct, frozen=True):
    file: str
    source: str


class Sources:
    """`cache` is a folder of ours. `mirror` is a folder with copies of github: descriptions and their index.json.

    The cache is keyed by sha256, so it never goes stale and several processes may share it.
    """

    def __init__(
        self, cache: Path, mirror: Path | None = None, *, lock: Lock | None = None, progress: Progress | None = None
    ) -> None:
        self._cache = cache / "descriptions"
        self._mirror = mirror
        self._lock = lock or Lock.load()
        self._progress = progress or _silent

    def sha256(self, source: str) -> str:
        """What `fetch(source)` is pinned to, or is if it lies beside its manifest. Raises NotFound."""
        if source.startswith(OWN):
            return hashlib.sha256(self.fetch(source)).hexdigest()
        if source.startswith(PYTHON):
            return _of_files(_module(source).parent)
        return self._lock.pin(source).sha256

    def fetch(self, source: str) -> bytes:
        """The description, as published. Raises what `locate` raises."""
        return self.locate(source).read_bytes()

    def locate(self, source: str) -> Path:
        """The file that holds the description, fetched if it is not cached.

        Raises NotFound (not pinned, not in the package, no npm or pip), UpstreamFailed (cannot be fetched),
        InvalidManifest (its sha256 is not the pinned one).
        """
        if source.startswith(OWN):
            return _own(source)
        if source.startswith(PYTHON):
            return _module(source)
        pin = self._lock.pin(source)
        cached = self._cache / pin.sha256
        if not cached.exists():
            self._fill(SourceId.parse(source), pin.version)
        if not cached.exists():
            raise NotFound(f"{source} is not in version {pin.version} of its package", _RELOCK)
        return cached

    def cached(self, source: str) -> bool:
        """Whether `fetch(source)` needs no network."""
        return source.startswith((OWN, PYTHON)) or (self._cache / self._lock.pin(source).sha256).exists()

    def published(
        self, kind: str, origin: str, version: str, paths: Collection[str]
    ) -> Iterator[tuple[SourceId, bytes]]:
        """Those of `paths` that `version` of `origin` has, from where it is published; pins do not count.

        Raises what `locate` raises, except for pins.
        """
        self._progress(f"fetching {origin} {version} from {kind}")
        if kind == "github":
            read: _ReadOne = self._read_mirror if self._mirror else import_module(_READERS[kind]).read
            for path in paths:
                source = SourceId(kind, origin, path)
                yield source, read(source, version)
            return
        read_all: _ReadAll = import_module(_READERS[kind]).read
        for path, text in read_all(origin, version, paths):
            yield SourceId(kind, origin, path), text

    def _fill(self, needed: SourceId, version: str) -> None:
        """Of a package every pinned member is kept at once: it is one download."""
        paths = {needed.path} if needed.kind == "github" else self._lock.paths(needed, version)
        for source, text in self.published(needed.kind, needed.origin, version, paths):
            self._keep(str(source), text)

    def _keep(self, source: str, text: bytes) -> None:
        expected, found = self._lock.pin(source).sha256, hashlib.sha256(text).hexdigest()
        if found != expected:
            raise InvalidManifest(f"{source}: sha256 is {found}, sources.lock pins {expected}", _RELOCK)
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._cache, delete=False) as file:
            file.write(text)
        os.replace(file.name, self._cache / expected)

    def _read_mirror(self, source: SourceId, version: str) -> bytes:
        assert self._mirror is not None
        full = f"github:{source.origin}@{version}:{source.path}"
        try:
            entries = msgspec.json.decode((self._mirror / "index.json").read_bytes(), type=list[_Mirrored])
            file = next((entry.file for entry in entries if entry.source == full), None)
            if file is None:
                raise NotFound(
                    f"{full} is not in the mirror", "Unset TRUNKLINE_SPEC_MIRROR, or add it to its index.json."
                )
            data = (self._mirror / file).read_bytes()
        except (OSError, msgspec.DecodeError) as error:
            raise UpstreamFailed(f"the mirror cannot be read: {error}", _MIRROR) from error
        return gzip.decompress(data) if file.endswith(".gz") else data


def _own(source: str) -> Path:
    path = MODULES / source.removeprefix(OWN)
    if not path.is_file():
        raise NotFound(f"{source} is not in the modules folder", "Write it beside its manifest.")
    return path


def _module(source: str) -> Path:
    """The file of a hand-written module, which is not imported."""
    name = source.removeprefix(PYTHON).partition(":")[0]
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        found = None
    if found is None or found.origin is None:
        raise NotFound(f"there is no module {name}", "Write module.py beside the manifest.")
    return Path(found.origin)


def _of_files(folder: Path) -> str:
    """sha256 of what the Python files of a folder say."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_ReadOne = Callable[[SourceId, str], bytes]
_ReadAll = Callable[[str, str, Collection[str]], Iterator[tuple[str, bytes]]]
# Modules with a `read`, imported when there is something to fetch: their clients take longer than a cached build has.
_READERS: Mapping[str, str] = {kind: f"trunkline.catalog.{kind}" for kind in ("github", "npm", "pypi")}
_RELOCK = "The published file changed, or sources.lock is wrong: compare the two before pinning anew."
_MIRROR = "Check the folder TRUNKLINE_SPEC_MIRROR names and its index.json, or unset it."
