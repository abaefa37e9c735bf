"""What the search costs on real tools: time of a find, memory, opening, building, and one changed service."""

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.selection import corpus
from bench.selection.ours import LIMIT
from trunkline.catalog.usage import Usage
from trunkline.contract import Service, ToolSpec
from trunkline.selection.build import build
from trunkline.selection.index import Index

SIZES: Final = (500, 5_000, 65_000)
_ROUNDS: Final = 3  # through all queries; the quickest of each counts, as others use the machine too


@dataclass(frozen=True)
class Served:
    """In a process of its own that has imported everything. Times in ms of CPU, memory in MB above before."""

    open_ms: float
    p50_ms: float
    p95_ms: float
    rss_mb: float


@dataclass(frozen=True)
class Cost:
    """One size of catalog. Building, and building again after one service changed, in seconds; the index's in MB."""

    tools: int
    build_s: float
    changed_s: float
    index_mb: float
    open_ms: float
    p50_ms: float
    p95_ms: float
    rss_mb: float


def measure(catalog: Path, queries: Sequence[str], sizes: Sequence[int] = SIZES) -> list[Cost]:
    return [_cost(catalog, queries, size) for size in sizes]


def _cost(catalog: Path, queries: Sequence[str], size: int) -> Cost:
    services, specs = _some(catalog, size)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = _built(folder, services, specs)
        again = _built(folder, services, _changed(specs))
        megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        served = serve(folder, queries)
    return Cost(len(specs), seconds, again, megabytes, **asdict(served))


def _some(catalog: Path, size: int) -> tuple[list[Service], list[ToolSpec]]:
    """`size` tools from all over the catalog, and their services."""
    services = corpus.head(catalog).services
    everything = list(corpus.specs(catalog, services))
    step = max(1.0, len(everything) / size)
    chosen = [everything[int(number * step)] for number in range(min(size, len(everything)))]
    used = {spec.service for spec in chosen}
    return [service for service in services if service.id in used], chosen


def _built(folder: Path, services: Sequence[Service], specs: Sequence[ToolSpec]) -> float:
    begun = time.perf_counter()
    build(folder, services, specs, Usage.load())
    return time.perf_counter() - begun


def _changed(specs: Sequence[ToolSpec]) -> list[ToolSpec]:
    """The same tools, those of the service in the middle with another word in their descriptions."""
    service = specs[len(specs) // 2].service
    return [
        structs.replace(spec, description=f"Newly {spec.description}") if spec.service == service else spec
        for spec in specs
    ]


def serve(folder: Path, queries: Sequence[str]) -> Served:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_serve, (folder, tuple(queries)))


def _serve(folder: Path, queries: Sequence[str]) -> Served:
    before = _resident()
    begun = time.perf_counter()
    index = Index.open(folder)
    opened = time.perf_counter() - begun
    rounds = [[_timed(index, query) for query in queries] for _ in range(_ROUNDS)]
    taken = sorted(map(min, *rounds))
    grown = (_resident() - before) / 1e6
    return Served(opened * 1e3, statistics.median(taken), taken[len(taken) * 95 // 100], grown)


def _timed(index: Index, query: str) -> float:
    begun = time.process_time()
    index.search(query, limit=LIMIT)
    return (time.process_time() - begun) * 1e3


def _resident() -> int:
    """Resident bytes of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
