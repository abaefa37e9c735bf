"""The figures as tables and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.selection.costs import Cost
from bench.selection.engines import OURS
from bench.selection.questions import Asked
from bench.selection.score import METRICS, Lead, Scores, leads, means

# The sets whose mean is published for the engines of the day (R@5 and C@10 of each are known).
_PUBLISHED = """
services mcpbench toolbench_g1 restbench_tmdb ultratool toollens toole_multi apibank toolalpaca
"""
PUBLISHED = frozenset(_PUBLISHED.split())
_LEADS = ("R@5", "C@10")


@dataclass
class Results:
    """Scores by set and engine, tools and queries by set, and what is missing."""

    scores: dict[str, dict[str, Scores]] = field(default_factory=dict[str, dict[str, Scores]])
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    missing: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def engines(self) -> list[str]:
        """Those that answered for every set."""
        each = list(self.scores.values())
        return [name for name in each[0] if all(name in scores for scores in each)] if each else []

    @property
    def averaged(self) -> list[str]:
        """The sets of the mean: those with a published one, if they are all here; else all."""
        return [name for name in self.scores if name in PUBLISHED or not self.scores.keys() >= PUBLISHED]

    def mean(self, engine: str, sets: Sequence[str]) -> dict[str, float]:
        each = np.array([self.scores[name][engine].mean(axis=0) for name in sets])
        return means(each)

    def leads(self, rival: str, sets: Sequence[str]) -> dict[str, Lead]:
        return leads([self.scores[name][OURS] for name in sets], [self.scores[name][rival] for name in sets])

    @property
    def rivals(self) -> list[str]:
        return [name for name in self.engines if name != OURS] if OURS in self.engines else []

    def json(self) -> dict[str, Any]:
        sets = {name: {engine: means(each) for engine, each in found.items()} for name, found in self.scores.items()}
        rows = {**{name: [name] for name in self.scores}, "mean": self.averaged, "mean of all": list(self.scores)}
        return {
            "sets": sets,
            "mean": {engine: self.mean(engine, self.averaged) for engine in self.engines},
            "mean of all": {engine: self.mean(engine, list(self.scores)) for engine in self.engines},
            "lead": {
                rival: {row: _plain(self.leads(rival, names)) for row, names in rows.items()} for rival in self.rivals
            },
            "missing": self.missing,
        }


def show(out: Console, results: Results) -> None:
    for name, found in results.scores.items():
        tools, queries = results.sizes[name]
        _figures(
            out, f"{name}: {tools:,} tools, {queries} queries", {e: means(s) for e, s in found.items()}, results.missing
        )
    sets = results.averaged
    if len(results.scores) > 1:
        rows = {engine: results.mean(engine, sets) for engine in results.engines}
        _figures(out, f"mean of {len(sets)}: {', '.join(sets)}", rows, results.missing)
    if len(results.scores) > len(sets):
        everything = list(results.scores)
        rows = {engine: results.mean(engine, everything) for engine in results.engines}
        _figures(out, f"mean of all {len(everything)}", rows, results.missing)
    for metric in _LEADS if results.rivals else ():
        _leads(out, metric, results)


def show_questions(out: Console, found: Asked, *, misses: bool) -> None:
    title = f"{len(found.queries)} questions, {found.tools:,} tools"
    _figures(out, title, {engine: means(scores) for engine, scores in found.scores.items()}, found.missing)
    for name, groups in found.views.items():
        engines = list(found.scores)
        table = Table(name, "questions", *(f"{e} {m}" for e in engines for m in _LEADS), box=None)
        for group, rows in groups.items():
            count = f"{rows[engines[0]]['questions']:.0f}"
            table.add_row(group, count, *(f"{rows[e][m]:.1f}" for e in engines for m in _LEADS))
        out.print(table)
        out.print()
    _figures(out, "with a sixth of the words mistyped, English questions only", found.mistyped, {})
    out.print(
        f"find_tools, asked with the text as it was typed: {found.answer_tokens:.0f} tokens in the median; "
        f"{found.answered:.1f}% of the answers show every tool that is wanted"
    )
    for query in found.missed if misses else ():
        ranked = found.rankings[OURS][query.id]
        out.print(f"\n[bold]{query.id}[/] {query.kind}: {query.query}")
        for gold, each in zip(query.gold, query.wanted, strict=True):
            place = next((str(at) for at, tool in enumerate(ranked, 1) if tool in each), "missing")
            out.print(f"  {place:>7}  {gold}", style="dim" if place.isdigit() else "")
        out.print(f"  found: {', '.join(ranked)}", style="dim")


def show_costs(out: Console, found: Sequence[Cost]) -> None:
    columns = ("build s", "one service changed s", "index MB", "open ms", "p50 ms", "p95 ms", "RSS + MB")
    out.print("what a find costs, on one core", style="bold")
    table = Table("tools", *columns, box=None)
    for cost in found:
        tools, *figures = astuple(cost)
        table.add_row(f"{tools:,}", *(f"{figure:.2f}" for figure in figures))
    out.print(table)


def _figures(out: Console, title: str, rows: Mapping[str, Mapping[str, float]], missing: Mapping[str, str]) -> None:
    out.print(title, style="bold", markup=False)
    table = Table("", *METRICS, box=None)
    for engine, row in rows.items():
        table.add_row(engine, *(f"{row[metric]:.1f}" for metric in METRICS), style="bold" if engine == OURS else "")
    out.print(table)
    for engine, why in missing.items():
        out.print(f" {engine} is missing: {why}", style="dim")
    out.print()


def _leads(out: Console, metric: str, results: Results) -> None:
    title = f"{metric}: points of {OURS} ahead [95% of paired bootstrap]; + significantly ahead, - behind"
    out.print(title, style="bold", markup=False)
    table = Table("", *results.rivals, box=None)
    rows = {name: [name] for name in results.scores} | {f"mean of {len(results.averaged)}": results.averaged}
    for name, sets in rows.items():
        found = (results.leads(rival, sets)[metric] for rival in results.rivals)
        table.add_row(
            name, *(f"{each.points:+.1f} \\[{each.low:+.1f}, {each.high:+.1f}] {each.mark}" for each in found)
        )
    out.print(table)
    out.print()


def _plain(found: Mapping[str, Lead]) -> dict[str, list[float]]:
    """By metric: points, low, high."""
    return {name: [round(value, 2) for value in (each.points, each.low, each.high)] for name, each in found.items()}
