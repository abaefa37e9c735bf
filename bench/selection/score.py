"""How well a ranking answers a query, and whether one engine is better than another beyond chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.selection.sets import Query

# R@k: share of the right tools among the first k; C@k: all of them are; nDCG: earlier counts more.
METRICS: Final = ("R@1", "R@5", "R@10", "nDCG@10", "C@5", "C@10")
RESAMPLES: Final = 2_000
_DEPTH = 10

Scores = NDArray[np.float64]  # a row for each query, a column for each of METRICS, in percent
Rankings = Mapping[str, Sequence[str]]  # by query id: tool ids, best first


@dataclass(frozen=True)
class Lead:
    """How many points ahead, with the interval that holds 95% of the resamples."""

    points: float
    low: float
    high: float

    @property
    def mark(self) -> str:
        """`+` significantly ahead, `-` significantly behind, else nothing."""
        return "+" if self.low > 0 else "-" if self.high < 0 else ""


def score(queries: Sequence[Query], rankings: Rankings) -> Scores:
    """Raises KeyError if a query has no ranking."""
    return 100 * np.array([_one(query, rankings[query.id]) for query in queries])


def _one(query: Query, ranked: Sequence[str]) -> tuple[float, ...]:
    wanted = query.wanted
    hits = _hits(wanted, ranked[:_DEPTH])
    count = len(wanted)
    gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
    best = sum(1 / math.log2(place + 2) for place in range(min(count, _DEPTH)))
    shares = tuple(sum(hits[:k]) / count for k in (1, 5, 10))
    return (*shares, gain / best, float(sum(hits[:5]) == count), float(sum(hits) == count))


def _hits(wanted: Sequence[frozenset[str]], ranked: Sequence[str]) -> list[int]:
    """1 for each tool of `ranked` that is right and was still wanted: two that are equally right count once."""
    open_ = list(wanted)
    hits: list[int] = []
    for tool in ranked:
        met = next((each for each in open_ if tool in each), None)
        hits.append(0 if met is None else 1)
        if met is not None:
            open_.remove(met)
    return hits


def resampled(ours: Scores, theirs: Scores, seed: int) -> NDArray[np.float64]:
    """Means of the difference over RESAMPLES draws of as many queries, a row each (paired bootstrap)."""
    count = len(ours)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    return drawn @ (ours - theirs) / count


def leads(ours: Sequence[Scores], theirs: Sequence[Scores]) -> dict[str, Lead]:
    """By metric, over the mean of the sets whose scores are given; each set is resampled by itself."""
    draws = np.mean([resampled(a, b, seed) for seed, (a, b) in enumerate(zip(ours, theirs, strict=True))], axis=0)
    points = np.mean([(a - b).mean(axis=0) for a, b in zip(ours, theirs, strict=True)], axis=0)
    low, high = np.percentile(draws, (2.5, 97.5), axis=0)
    return {name: Lead(float(points[at]), float(low[at]), float(high[at])) for at, name in enumerate(METRICS)}


def means(scores: Scores) -> dict[str, float]:
    """By metric, in percent."""
    return dict(zip(METRICS, (round(float(value), 2) for value in scores.mean(axis=0)), strict=True))
