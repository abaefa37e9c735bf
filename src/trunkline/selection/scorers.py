"""The parts of a score. Two kinds, each small and alone:

A *text scorer* rates every tool of the index for each row of a request (row 0: the whole text; row i: clause i): it
finds. A *feature* rates the short list for each clause: it refines. Both answer raw values; the ranking weighs
them.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.query import Query
from trunkline.selection.request import CLAUSES_AT_MOST
from trunkline.selection.segment import Segment
from trunkline.selection.texts import Texts
from trunkline.selection.verbs import family_table

Scores = NDArray[np.float32]
Tools = NDArray[np.int64]
Mask = NDArray[np.bool_]

EPSILON: Final = 1e-6
_BOUNDS: Final = (0.6, 0.4, 0.2)  # of the best score
_SHORT_LIST: Final = 80
_SHORT_LIST_OF_CLAUSE: Final = 30


class Looked(Protocol):
    """What a text scorer has to say on one request; valid until the scorer looks again."""

    def best(self) -> Tools:
        """Numbers of the tools that are worth a closer look, perhaps repeated."""
        ...

    def of(self, tools: Tools) -> Scores:
        """(held rows, tools): how well each tool fits; the best of each row that was seen is 1."""
        ...


class TextScorer(Protocol):
    def look(self, query: Query, allowed: Mask | None) -> Looked:
        """Looks through all tools, or those that are `allowed`."""
        ...


class Feature(Protocol):
    def score(self, query: Query, tools: Tools) -> Scores:
        """(clauses, tools), within -1 .. 1."""
        ...


class Lexical:
    """BM25F: the sum of the contributions that the build worked out."""

    def __init__(self, segment: Segment) -> None:
        self._tool = segment["tool"]
        self._weight = segment["weight"]
        self._scale = segment["weight.scale"]
        self._at = segment["tool.at"]
        self._rows = np.zeros((1 + CLAUSES_AT_MOST, len(segment["service"])), np.float32)

    def look(self, query: Query, allowed: Mask | None) -> "Rated":
        scores = self._rows[: len(query.shares)]
        scores.fill(0.0)
        apart = _apart(query.shares)
        for column, term in enumerate(query.terms.tolist()):
            tools, weights = self._postings(term)
            for row in apart[:, column].nonzero()[0].tolist():
                np.add.at(scores[row], tools, apart[row, column] * weights)
        if allowed is not None:
            scores *= allowed
        return Rated(scores, len(query.of_clauses))

    def _postings(self, term: int) -> tuple[NDArray[np.int32], Scores]:
        start, end = int(self._at[term]), int(self._at[term + 1])
        return self._tool[start:end], self._weight[start:end] * self._scale[term]


def _apart(shares: Scores) -> Scores:
    """The shares, those of row 0 without what the clauses say, if it has a row: most terms are then in one row only."""
    apart = shares.copy()
    apart[0] -= shares[1:].sum(axis=0)
    return apart


class Rated:
    """All tools rated, for the clauses; what the whole text says besides stands in a row before them."""

    def __init__(self, scores: Scores, clauses: int) -> None:
        self._scores, self._clauses = scores, scores[-clauses:]
        self._count = short_list(clauses)

    def best(self) -> Tools:
        return np.concatenate([_head(row, self._count) for row in self._clauses])

    def of(self, tools: Tools) -> Scores:
        scores = self._scores[:, tools]
        scores[0] += scores[1:].sum(axis=0)
        return beside_best(scores)


def beside_best(scores: Scores) -> Scores:
    """The scores of each row as shares of the best of them."""
    return scores / np.maximum(scores.max(axis=1, initial=0.0), EPSILON)[:, None]


def _head(row: Scores, count: int) -> Tools:
    """The `count` tools of the highest scores above 0.

    Few of all tools come near the best, so the first bound that leaves enough of them leaves few to compare.
    """
    most = row.max(initial=0.0)
    above = next((high for bound in _BOUNDS if np.count_nonzero(high := row > bound * most) >= count), row > 0)
    found = above.nonzero()[0]
    return found[highest(row[found], count)]


def short_list(clauses: int) -> int:
    """How many tools of a clause are worth a closer look: what is best for a text is best for one of its clauses."""
    return _SHORT_LIST if clauses == 1 else _SHORT_LIST_OF_CLAUSE


def highest(values: Scores, count: int) -> Tools:
    """Positions of the `count` highest values; of all of them if they are fewer."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - count)[len(values) - count :]


def best(values: Scores, count: int) -> Tools:
    """Positions of the `count` highest values above 0."""
    chosen = (values > 0).nonzero()[0]
    return chosen[highest(values[chosen], count)]


class Subject:
    """How much of a tool's own name, or title, a clause speaks of: `issue` beats `issue_comment_reaction`.

    Verbs aside, they are another part's.
    """

    def __init__(self, segment: Segment) -> None:
        self._rows = [_weighed(segment, name) for name in ("subject", "title")]
        self._terms = len(segment["idf"])

    def score(self, query: Query, tools: Tools) -> Scores:
        column = np.zeros(self._terms, np.uint16)
        column[query.terms] = np.arange(1, len(query.terms) + 1)
        asked = np.zeros((len(query.shares), 1 + len(query.terms)), np.float32)  # column 0: not asked for
        asked[:, 1:] = query.shares
        shares = [_asked_share(each, tools, column, asked[query.of_clauses]) for each in self._rows]
        return np.maximum(*shares)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Terms of each tool, and what each counts of the whole of them."""

    terms: NDArray[np.int32]
    shares: Scores
    at: Tools


def _weighed(segment: Segment, name: str) -> _Weighed:
    terms, at = segment[name], segment[f"{name}.at"].astype(np.int64)
    idf = segment["idf"][terms]
    sums = np.concatenate([[0.0], np.cumsum(idf, dtype=np.float64)])
    whole = np.diff(sums[at]) + EPSILON
    return _Weighed(terms, (idf / np.repeat(whole, np.diff(at))).astype(np.float32), at)


def _asked_share(named: _Weighed, tools: Tools, column: NDArray[np.uint16], asked: Scores) -> Scores:
    """(rows of `asked`, tools): the share of each tool's terms, by weight, that is asked for."""
    starts = named.at[tools]
    sizes = named.at[tools + 1] - starts
    ends = sizes.cumsum()
    places = (starts - ends + sizes).repeat(sizes) + np.arange(int(sizes.sum()))
    columns, shares = column[named.terms[places]], named.shares[places]
    owners = np.arange(len(tools)).repeat(sizes)
    return np.array([np.bincount(owners, shares * row[columns], len(tools)) for row in asked], np.float32)


class Verb:
    """1 where the tool does the deed asked for; below 0 where it does another, less so one of the same family."""

    _KIN: Final = -0.3
    _OTHER: Final = -1.0

    def __init__(self, segment: Segment) -> None:
        self._verbs = segment["verbs"]
        self._family = family_table()

    def score(self, query: Query, tools: Tools) -> Scores:
        known = self._verbs[tools][None, :]
        asked = np.array([clause.verbs for clause in query.request.clauses], np.uint8)[:, None]
        kin = (self._family[known] & self._family[asked]) != 0
        differ = np.where((known != 0) & (asked != 0), np.where(kin, self._KIN, self._OTHER), 0.0)
        return np.where(known & asked, 1.0, differ).astype(np.float32)


class Named:
    """How surely a clause names the tool's service; what another clause names counts half, for `it` may mean that."""

    _ELSEWHERE: Final = 0.5

    def __init__(self, segment: Segment, services: int) -> None:
        self._service = segment["service"]
        self._services = services

    def score(self, query: Query, tools: Tools) -> Scores:
        strength = np.zeros((len(query.of_clauses), self._services), np.float32)
        for mention in query.request.mentions:
            here = np.full(len(strength), mention.strength * self._ELSEWHERE, np.float32)
            here[mention.clause] = mention.strength
            strength[:, mention.service] = np.maximum(strength[:, mention.service], here)
        return strength[:, self._service[tools]]


class Quoted:
    """1 where a clause holds the tool's name, or an API path (with or without its method) that is the tool's."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def score(self, query: Query, tools: Tools) -> Scores:
        scores = np.zeros((len(query.of_clauses), len(tools)), np.float32)
        for row, clause in enumerate(query.request.clauses):
            for name in clause.names:
                scores[row, tools == self._texts.find(name)] = 1.0
            for route in clause.routes:
                scores[row] = np.maximum(scores[row], [self._texts.serves(tool, route) for tool in tools.tolist()])
        return scores
