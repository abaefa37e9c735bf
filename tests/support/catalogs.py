"""The real catalog, compiled once for a state of the sources and kept between runs."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.compiler import build

ROOT = Path(__file__).parents[2]
_PACKAGE = ROOT / "src" / "trunkline"
# What decides what the compiled catalog is.
_INPUTS = ("modules", "compiler", "catalog", "selection", "contract")
_KEPT = 3  # compiled states: a developer goes back and forth between a few


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where downloads are kept: TRUNKLINE_CACHE_DIR, else `.cache/downloads` in the tree (ignored by git)."""
    folder = Path(environment.get("TRUNKLINE_CACHE_DIR") or ROOT / ".cache" / "downloads")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def mirror_folder(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("TRUNKLINE_SPEC_MIRROR")
    return Path(named) if named else None


def built() -> Path:
    """The folder of the catalog for the sources as they are now; compiled by the first worker that asks."""
    home = ROOT / ".cache" / "catalogs"
    home.mkdir(parents=True, exist_ok=True)
    folder = home / state()
    with locked(home / "lock"):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            sources = Sources(cache_folder(os.environ), mirror_folder(os.environ))
            build(folder, sources, Manifests.load().require())
            (folder / "complete").touch()
            _forget(home, keep=folder)
    return folder


def state() -> str:
    """A digest of everything that decides what is compiled."""
    digest = hashlib.sha256()
    for room in _INPUTS:
        for path in sorted((_PACKAGE / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Generator[None]:
    """One process at a time; the others wait."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget(home: Path, keep: Path) -> None:
    old = sorted((path for path in home.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in old[:-_KEPT]:
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
