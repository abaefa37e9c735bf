"""What each part of the search is worth: the same requests with one part after the other left out.

`docs/selection.md` shows the table; its figures are in docs/selection.json.
"""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

import msgspec

from bench.selection import corpus, ours
from bench.selection.engines import ROOT
from bench.selection.questions import found_by
from bench.selection.score import means, score
from bench.selection.sets import Query, ToolSet
from bench.selection.typos import mistyped
from trunkline.catalog.usage import Usage
from trunkline.selection.blend import NOTHING, Lever, Without
from trunkline.selection.build import build
from trunkline.selection.index import Index

FILE: Final = ROOT / "docs" / "selection.json"
PAGE: Final = FILE.with_suffix(".md")
LEVERS: Final[tuple[Lever, ...]] = get_args(Lever)
_BEGIN, _END = "<!-- ablation: make ablation -->\n", "<!-- end of ablation -->\n"
_WORTH: Final[Mapping[str, str]] = {
    "phrases": "usage phrases",
    "vectors": "vectors of meaning",
    "clauses": "clauses: the request as one text",
    "services": "services that are named",
    "coverage": "a place at the head for each named service",
    "verbs": "verbs",
    "graph": "the graph: what the first tools need",
    "spelling": "correction of spelling",
}


class Row(msgspec.Struct, frozen=True):
    """R@5 and C@10 with `without` left out ("": nothing): mean of the public sets, own questions, these mistyped."""

    without: str
    public: tuple[float, float]
    own: tuple[float, float]
    mistyped: tuple[float, float]


class Run(msgspec.Struct, frozen=True):
    sets: tuple[str, ...]
    tools: int
    questions: int
    rows: tuple[Row, ...]


def measure(given: Sequence[ToolSet], queries: Sequence[Query], catalog: Path) -> Run:
    """Every part in turn; the index without phrases is built for it."""
    with tempfile.TemporaryDirectory() as name:
        folders = [_built(Path(name) / each.name, each) for each in given]
        whole = corpus.indexed(catalog)
        bare = Path(name) / "bare"
        services = corpus.head(catalog).services
        build(bare, services, corpus.specs(catalog, services), Usage())
        rows = [_row(lever, given, folders, bare if lever == "phrases" else whole, queries) for lever in ("", *LEVERS)]
        return Run(tuple(each.name for each in given), len(Index.open(whole)), len(queries), tuple(rows))


def _built(folder: Path, given: ToolSet) -> Path:
    services, specs, _ = ours.catalog(given.tools)
    build(folder, services, specs)
    return folder


def _row(
    lever: Lever | str, given: Sequence[ToolSet], folders: Sequence[Path], own: Path, queries: Sequence[Query]
) -> Row:
    without: Without = frozenset(each for each in LEVERS if each == lever) or NOTHING
    public = [_of_set(each, Index.open(folder, without)) for each, folder in zip(given, folders, strict=True)]
    index = Index.open(own, without)
    r5, c10 = (round(statistics.mean(column), 1) for column in zip(*public, strict=True))
    return Row(lever, (r5, c10), _of(queries, index), _of(mistyped(queries), index))


def _of_set(given: ToolSet, index: Index) -> tuple[float, float]:
    ids = ours.catalog(given.tools)[2]
    found = {query: [ids[name] for name in names] for query, names in found_by(index, given.queries).items()}
    return _figures(means(score(given.queries, found)))


def _of(queries: Sequence[Query], index: Index) -> tuple[float, float]:
    return _figures(means(score(queries, found_by(index, queries))))


def _figures(found: Mapping[str, float]) -> tuple[float, float]:
    return round(found["R@5"], 1), round(found["C@10"], 1)


def read() -> Run:
    return msgspec.json.decode(FILE.read_bytes(), type=Run)


def write(run: Run) -> None:
    """Keeps the figures and draws them into the page."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")


def page(text: str, run: Run) -> str:
    """`text` of the page with the table between its marks."""
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}{table(run)}{_END}{rest.partition(_END)[2]}"


def table(run: Run) -> str:
    head = (
        f"R@5 / C@10 in percent: the mean of {len(run.sets)} public sets ({', '.join(run.sets)});\n"
        f"our {run.questions} questions for tuning over {run.tools:,} tools; the English ones of these with a sixth of "
        "the words mistyped.\n\n| left out | public sets | own questions | mistyped |\n|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {_WORTH.get(row.without, 'nothing')} | {_cell(row.public)} | {_cell(row.own)} | {_cell(row.mistyped)} |\n"
        for row in run.rows
    )


def _cell(figures: tuple[float, float]) -> str:
    return f"{figures[0]:.1f} / {figures[1]:.1f}"
