"""What building and opening the catalog costs: `python -m bench.catalog`, each bound with held or missed; `--json`.

Everything is built from cached downloads into a folder of its own, in processes that are watched while they run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil

import trunkline
from trunkline.catalog import Catalog
from trunkline.catalog.rows import Rows
from trunkline.catalog.stats import Summary, summary

_BUILD = [sys.executable, "-m", "trunkline", "catalog", "build", "--json"]
_WATCHED_EVERY = 0.2  # seconds
# One service compiled, in a process of its own: seconds from nothing to rows.
_ALONE = """
import sys, time
from pathlib import Path
import msgspec
from trunkline.catalog.family import Paths
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.compiler.service import compile_service
service, cache, whole = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "whole"
manifest = Manifests.load().by_id[service]
if whole:
    manifest = msgspec.structs.replace(manifest, paths=Paths())
sources = Sources(cache)
started = time.monotonic()
texts = [(source, sources.fetch(source)) for source in manifest.sources]
compile_service(manifest, texts)
print(time.monotonic() - started)
"""
_OPENED = """
import resource, sys, time
from pathlib import Path
from trunkline.catalog import Catalog
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.monotonic()
catalog = Catalog.open(Path(sys.argv[1]))
print(time.monotonic() - started, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


class Bound(msgspec.Struct, frozen=True):
    """A promise: `measured` is at most (`at_least`: at least) `limit`."""

    what: str
    measured: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def held(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def line(self) -> str:
        sign = "at least" if self.at_least else "at most"
        verdict = "held" if self.held else "MISSED"
        return f"{verdict:6}  {self.what:48} {self.measured:10,.1f} {self.unit:5} {sign} {self.limit:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("TRUNKLINE_CACHE_DIR", ".cache/downloads")))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        bounds = measure(Path(folder), options.cache.absolute())
    if options.json:
        json.dump([msgspec.to_builtins(bound) | {"held": bound.held} for bound in bounds], sys.stdout, indent=1)
    else:
        sys.stdout.write("\n".join(bound.line() for bound in bounds) + "\n")
    sys.exit(0 if all(bound.held for bound in bounds) else 1)


def measure(folder: Path, cache: Path) -> list[Bound]:
    environment = _environment(folder, cache)
    subprocess.run(_BUILD, env=environment, check=True, stdout=subprocess.DEVNULL)  # whatever is not cached is fetched
    catalog = folder / "catalog"
    found = summary(catalog)
    for path in catalog.iterdir():
        path.unlink()
    seconds, peak = _watched(_BUILD, environment)
    again = _again(folder / "program", ("trello", "stripe"), environment)
    opening, opened = map(float, _said(_OPENED, str(catalog)).split())
    return [
        *_counts(found),
        Bound("building everything, all processes", seconds, 120, "s"),
        Bound("memory of all processes at once", peak / 2**20, 1_500, "MB"),
        *(Bound(f"building {service} again, all else kept", took, 2, "s") for service, took in again.items()),
        Bound("the compiled catalog on disk", _size(catalog) / 2**20, 150, "MB"),
        Bound("opening it", opening * 1e3, 100, "ms"),
        Bound("memory of opening it", opened, 30, "MB"),
        Bound("loading GitHub", _timed(lambda: _load(catalog, "github")) * 1e3, 20, "ms"),
        Bound("compiling Stripe", float(_said(_ALONE, "stripe", str(cache), "part")), 2, "s"),
        Bound("compiling Microsoft Graph whole", float(_said(_ALONE, "microsoft-mail", str(cache), "whole")), 15, "s"),
    ]


def _environment(folder: Path, cache: Path) -> dict[str, str]:
    """Everything in `folder`, bytecode too: who installed the program has it, however this is run."""
    own = {"TRUNKLINE_DATA_DIR": folder, "TRUNKLINE_CACHE_DIR": cache, "PYTHONPYCACHEPREFIX": folder / "bytecode"}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {name: str(value) for name, value in own.items()}


def _again(program: Path, services: Sequence[str], environment: dict[str, str]) -> dict[str, float]:
    """Seconds of the command after the manifest of a service was changed, and nothing else, by service.

    A copy of the program is what is changed.
    """
    shutil.copytree(Path(trunkline.__file__).parent, program / "trunkline")
    there = environment | {"PYTHONPATH": str(program)}
    subprocess.run(_BUILD, env=there, check=True, stdout=subprocess.DEVNULL)  # what starting it compiles is compiled
    return {service: _changed(program, service, there) for service in services}


def _changed(program: Path, service: str, environment: dict[str, str]) -> float:
    (path,) = (program / "trunkline" / "modules").glob(f"*/{service}.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\ntitle: ", "\ntitle: Again ", 1), encoding="utf-8")
    seconds, _ = _watched(_BUILD, environment)
    path.write_text(text, encoding="utf-8")
    subprocess.run(_BUILD, env=environment, check=True, stdout=subprocess.DEVNULL)  # as it was
    return seconds


def _counts(found: Summary) -> list[Bound]:
    return [
        Bound("integrations", found.integrations, 700, "", at_least=True),
        Bound("vendors", found.vendors, 340, "", at_least=True),
        Bound("tools", found.tools, 60_000, "", at_least=True),
    ]


def _watched(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(seconds, highest sum of resident bytes of the process and its children)."""
    peak = 0.0
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        ended = threading.Event()
        threading.Thread(target=lambda: (process.wait(), ended.set()), daemon=True).start()
        while not ended.wait(_WATCHED_EVERY):
            peak = max(peak, _resident(process.pid))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.monotonic() - started, peak


def _resident(pid: int) -> float:
    try:
        whole = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(each.memory_info().rss for each in whole)
    except psutil.NoSuchProcess:
        return 0.0


def _said(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _timed(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def _load(catalog: Path, service: str) -> None:
    assert service in Catalog.open(catalog).services
    Rows(catalog / f"{service}.rows")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


if __name__ == "__main__":
    main()
