"""`python -m bench.selection [SETS…]`: is the right tool found, how fast, in how much memory.

SETS are folders with `tools.jsonl[.gz]` (id, server, name, description, parameters) and `queries.jsonl[.gz]` (id,
query, gold, alternates). For each: recall at 1 and 5, and the share of queries whose tools are all among the first 10.
Latency and memory are measured on tools made up from a word list, at 500, 5,000 and 50,000.
"""

import argparse
import gzip
import json
import multiprocessing
import random
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from trunkline.contract import Effect, Service, ToolSpec
from trunkline.selection.build import build
from trunkline.selection.index import Index
from trunkline.selection.lexicon import VERBS

SIZES = (500, 5_000, 50_000)
QUERIES_AT_MOST = 200
ROUNDS = 300
out = Console(highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.selection", description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path)
    options = parser.parse_args()
    if options.sets:
        _show("Found", ("set", "tools", "queries", "R@1", "R@5", "C@10"), list(_scores(options.sets)))
    columns = ("tools", "build s", "index MB", "open ms", "p50 ms", "p95 ms", "RSS + MB")
    _show("Cost", columns, [_cost(size) for size in SIZES])


def _show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*columns, title=title, title_justify="left", box=None)
    for row in rows:
        table.add_row(*(f"{value:.1f}" if isinstance(value, float) else f"{value}" for value in row))
    out.print(table)


def _scores(folders: Sequence[Path]) -> Iterator[tuple[object, ...]]:
    rows = [(folder.name, *_score(folder)) for folder in folders]
    yield from rows
    means = [statistics.mean(float(row[column]) for row in rows) for column in (3, 4, 5)]
    yield ("mean", "", "", *means)


def _score(folder: Path) -> tuple[int, int, float, float, float]:
    """(tools, queries, R@1, R@5, C@10), shares in percent."""
    services, specs, ids = _catalog(_lines(folder / "tools.jsonl"))
    queries = _lines(folder / "queries.jsonl")
    step = max(1.0, len(queries) / QUERIES_AT_MOST)
    chosen = [queries[int(number * step)] for number in range(min(len(queries), QUERIES_AT_MOST))]
    with tempfile.TemporaryDirectory() as name:
        build(Path(name), services, specs)
        index = Index.open(Path(name))
        hits = [[ids[hit.name] for hit in index.search(query["query"], limit=10).hits] for query in chosen]
    found = [_found(query, ranked) for query, ranked in zip(chosen, hits, strict=True)]
    recall = [statistics.mean(sum(place < k for place in places) / len(places) for places in found) for k in (1, 5)]
    complete = statistics.mean(all(place < 10 for place in places) for places in found)
    return len(specs), len(chosen), 100 * recall[0], 100 * recall[1], 100 * complete


def _found(query: dict[str, Any], ranked: Sequence[str]) -> list[int]:
    """The place of each wanted tool in `ranked`, 99 where it is missing."""
    alternates: dict[str, list[str]] = query.get("alternates") or {}
    wanted = [set(alternates.get(gold, [gold])) for gold in query["gold"]]
    return [next((place for place, tool in enumerate(ranked) if tool in each), 99) for each in wanted]


def _lines(path: Path) -> list[dict[str, Any]]:
    packed = path.with_name(path.name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def _catalog(tools: Sequence[dict[str, Any]]) -> tuple[list[Service], list[ToolSpec], dict[str, str]]:
    """The set's tools as catalog rows, and the set's id of each wire name."""
    services: dict[str, Service] = {}
    taken: set[str] = set()
    specs: list[ToolSpec] = []
    ids: dict[str, str] = {}
    for tool in tools:
        title = tool["server"]
        if title not in services:
            services[title] = _service(title, _free(re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"), taken))
        name = _free(f"{services[title].id}_{tool['name']}", taken)
        ids[name] = tool["id"]
        specs.append(_spec(name, services[title], tool["description"] or "", tool.get("parameters") or {}))
    return list(services.values()), specs, ids


def _free(name: str, taken: set[str]) -> str:
    """`name`, or with a letter or more behind it if it is taken; then it is."""
    while not name or name in taken:
        name += "q"
    taken.add(name)
    return name


def _service(title: str, id: str) -> Service:
    return Service(id, title, "", "code", "https://x.example", ("x.example",))


def _spec(name: str, service: Service, description: str, parameters: Mapping[str, Any]) -> ToolSpec:
    plain: dict[str, Any] = {key: value if isinstance(value, dict) else {} for key, value in parameters.items()}
    schema = json.dumps({"type": "object", "properties": plain}).encode()
    return ToolSpec(
        name, service.id, service.category, name, "", description, Effect.WRITE, False, schema, name, 20, 200
    )


class _Maker:
    """Makes tools up: words of a skewed distribution, as in real texts; 100 tools a service."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = [
            "".join(self._random.choices("aeioubcdfglmnprst", k=self._random.randint(4, 9))) for _ in range(40_000)
        ]
        self._verbs = [verb for verbs in VERBS.values() for verb in verbs]

    def catalog(self, size: int) -> tuple[list[Service], Iterator[ToolSpec]]:
        services = [_service(self._name(number), f"service-{number}") for number in range(max(size // 100, 1))]
        return services, (self._tool(services[number % len(services)], number) for number in range(size))

    def request(self) -> str:
        """One to three clauses, some of which name a service."""
        clauses = [f"{self._random.choice(self._verbs)} {self._text(4)}" for _ in range(self._random.randint(1, 3))]
        return " and ".join(clauses) + self._random.choice(["", f" in {self._name(self._random.randrange(5))}"])

    def _name(self, number: int) -> str:
        return self._words[-1 - number].title()

    def _tool(self, service: Service, number: int) -> ToolSpec:
        name = f"{service.id}_{self._random.choice(self._verbs)}_{'_'.join(self._text(2).split())}_{number}"
        parameters = {self._text(1): {"description": self._text(6)} for _ in range(self._random.randint(1, 10))}
        return _spec(name, service, self._text(20), parameters)

    def _text(self, length: int) -> str:
        places = (int(len(self._words) ** self._random.random()) - 1 for _ in range(length))
        return " ".join(self._words[place] for place in places)


def _cost(size: int) -> tuple[object, ...]:
    maker = _Maker(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services, specs = maker.catalog(size)
        listed = list(specs)
        begun = time.perf_counter()
        build(folder, services, listed)
        seconds = time.perf_counter() - begun
        megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        requests = [maker.request() for _ in range(ROUNDS)]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured = pool.apply(_serve, (folder, requests))
    return (f"{size:,}", seconds, megabytes, *measured)


def _serve(folder: Path, requests: Sequence[str]) -> tuple[float, float, float, float]:
    """(open ms, p50 ms, p95 ms of CPU, growth of RSS in MB), in a process of its own that has imported everything."""
    before = _resident()
    begun = time.perf_counter()
    index = Index.open(folder)
    opened = time.perf_counter() - begun
    taken: list[float] = []
    for request in requests:
        begun = time.process_time()
        index.search(request)
        taken.append((time.process_time() - begun) * 1e3)
    taken.sort()
    return opened * 1e3, statistics.median(taken), taken[len(taken) * 95 // 100], (_resident() - before) / 1e6


def _resident() -> int:
    """Resident bytes of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
