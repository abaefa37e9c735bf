"""Requests of people over the whole compiled catalog: what is found for each kind, and what the answer costs."""

import asyncio
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench.selection import corpus
from bench.selection.engines import OURS, RIVALS, Ask, asked
from bench.selection.ours import LIMIT
from bench.selection.score import METRICS, Rankings, Scores, means, score
from bench.selection.sets import Query, ToolSet
from bench.selection.typos import mistyped
from trunkline.catalog import Catalog
from trunkline.contract import Principal
from trunkline.economy.spent import NoBooks
from trunkline.gateway.meta.priors import Priors
from trunkline.gateway.meta.tools import MetaTools
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.gateway.work import Work
from trunkline.selection import tokens
from trunkline.selection.index import Index

_NAME = "questions"
_SOMEBODY = Caller(Principal("somebody", "bench"), Toolset())


class Wrong(Exception):
    """A question names what the catalog lacks, or is there twice; the text lists all."""


@dataclass(frozen=True)
class Answered:
    """What find_tools answered to a question as it was typed: tokens, and whether every tool wanted is among it."""

    tokens: float
    complete: bool


@dataclass
class Asked:
    """The figures. `answers` are this project's, by question."""

    queries: Sequence[Query]
    categories: Mapping[str, str]
    tools: int
    scores: dict[str, Scores]
    rankings: dict[str, Rankings]
    answers: dict[str, Answered]
    mistyped: dict[str, dict[str, float]]
    missing: dict[str, str] = field(default_factory=dict[str, str])

    def by(self, key: Callable[[Query], str]) -> dict[str, dict[str, dict[str, float]]]:
        """By group of `key` and engine: the metrics, and `questions`."""
        names = [key(query) for query in self.queries]
        found: dict[str, dict[str, dict[str, float]]] = {}
        for name in sorted({name for name in names if name}):
            rows = np.array([each == name for each in names])
            size = {"questions": float(rows.sum())}
            found[name] = {engine: means(scores[rows]) | size for engine, scores in self.scores.items()}
        return found

    @property
    def views(self) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
        return {
            "kind": self.by(lambda query: query.kind),
            "category": self.by(lambda query: self.categories[query.id]),
            "language": self.by(lambda query: query.lang),
        }

    @property
    def missed(self) -> list[Query]:
        """Questions for which this project's search has not all of the right tools among the first ten."""
        complete = self.scores[OURS][:, METRICS.index("C@10")]
        return [query for query, share in zip(self.queries, complete, strict=True) if not share]

    @property
    def answer_tokens(self) -> float:
        return statistics.median(each.tokens for each in self.answers.values())

    @property
    def answered(self) -> float:
        """Percent of questions whose answer shows every tool that is wanted."""
        return 100 * statistics.mean(each.complete for each in self.answers.values())

    def json(self) -> dict[str, Any]:
        return {
            "questions": len(self.queries),
            "tools": self.tools,
            "all": {engine: means(scores) for engine, scores in self.scores.items()},
            **self.views,
            "typos": self.mistyped,
            "answer": {"median tokens": self.answer_tokens, "complete": round(self.answered, 2)},
            "missing": self.missing,
        }


def read(files: Sequence[Path]) -> list[Query]:
    decoder = msgspec.json.Decoder(Query)
    return [query for file in files for query in decoder.decode_lines(file.read_bytes())]


def ask(files: Sequence[Path], catalog: Path, engines: Sequence[str]) -> Asked:
    """Raises Wrong before anything is measured if a question cannot be answered."""
    queries = read(files)
    names = corpus.names(catalog)
    check(queries, names)
    index = corpus.indexed(catalog)
    tools = corpus.tools(catalog) if RIVALS.keys() & set(engines) else []
    given = ToolSet(_NAME, tuple(tools), tuple(queries))
    chosen = {name: _ours(index) if name == OURS else RIVALS[name] for name in engines}
    rankings, missing = asked(given, chosen)
    scores = {name: score(queries, ranked) for name, ranked in rankings.items()}
    answers = asyncio.run(_answers(queries, catalog, index))
    categories = {service.id: service.category for service in corpus.head(catalog).services}
    places = {query.id: str(categories[query.gold[0].partition("_")[0]]) for query in queries}
    return Asked(queries, places, len(names), scores, rankings, answers, _typos(queries, index), missing)


def check(queries: Sequence[Query], tools: set[str]) -> None:
    """Every tool that is named exists, every question has one and an id of its own."""
    ids = [query.id for query in queries]
    faults = [f"{id_}: there twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    for query in queries:
        unknown = sorted(frozenset[str]().union(*query.wanted) - tools)
        faults += [f"{query.id}: the catalog has no {name}" for name in unknown]
        faults += [] if query.gold else [f"{query.id}: no right answer"]
        faults += [f"{query.id}: {name} is no right answer" for name in (query.alternates or {}).keys() - {*query.gold}]
    if faults:
        raise Wrong("\n".join(faults))


def _typos(queries: Sequence[Query], folder: Path) -> dict[str, dict[str, float]]:
    """This project's metrics for the English questions as they are, and mistyped."""
    told = {"as written": [query for query in queries if not query.lang], "mistyped": mistyped(queries)}
    return {name: means(score(each, found_by(Index.open(folder), each))) for name, each in told.items() if each}


def found_by(index: Index, queries: Sequence[Query]) -> Rankings:
    return {query.id: [hit.name for hit in index.search(query.query, limit=LIMIT).hits] for query in queries}


def _ours(folder: Path) -> Ask:
    return lambda given, _: found_by(Index.open(folder), given.queries)


async def _answers(queries: Sequence[Query], catalog: Path, index: Path) -> dict[str, Answered]:
    meta = MetaTools(Catalog.open(catalog), Index.open(index), _connected, lambda _: None, Priors(NoBooks()))
    found: dict[str, Answered] = {}
    for query in queries:
        given = msgspec.json.encode({"intents": [query.query]})
        text = (await meta.run("find_tools", given, _SOMEBODY, Work("", _SOMEBODY, "", 0.0))).text
        shown = {line.partition("(")[0] for line in text.splitlines()}
        found[query.id] = Answered(tokens.count(text), all(each & shown for each in query.wanted))
    return found


async def _connected(_: Principal) -> frozenset[str]:
    return frozenset()
