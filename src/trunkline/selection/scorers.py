"""The parts of a score. Two kinds, each small and alone:

A *text scorer* rates every tool of the index for each row of a request (row 0: the whole text; row i: clause i): it
finds. A *feature* rates the short list for each clause: it refines. Both answer raw values; the ranking weighs
them.
"""

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
Ragged = tuple[Tools, NDArray[np.int32]]

EPSILON: Final = 1e-6
_BOUNDS: Final = (0.45, 0.25, 0.1)  # of the best score
_SHORT_LIST: Final = 150
_SHORT_LIST_OF_CLAUSE: Final = 40


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
        for clause in scores[1:]:
            scores[0] += clause
        if allowed is not None:
            scores *= allowed
        return Rated(scores)

    def _postings(self, term: int) -> tuple[NDArray[np.int32], Scores]:
        start, end = int(self._at[term]), int(self._at[term + 1])
        return self._tool[start:end], self._weight[start:end] * self._scale[term]


def _apart(shares: Scores) -> Scores:
    """The shares, those of row 0 without what the clauses say: most terms are then added to one row only."""
    apart = shares.copy()
    apart[0] -= shares[1:].sum(axis=0)
    return apart


class Rated:
    """All tools rated."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._most = np.maximum(scores.max(axis=1, initial=0), EPSILON)[:, None]

    def best(self) -> Tools:
        rows = zip(self._scores, self._most[:, 0].tolist(), strict=True)
        return np.concatenate([_head(row, most, short_list(number)) for number, (row, most) in enumerate(rows)])

    def of(self, tools: Tools) -> Scores:
        return self._scores[:, tools] / self._most


def _head(row: Scores, most: float, count: int) -> Tools:
    """The `count` tools of the highest scores above 0.

    Few of all tools come near the best, so the first bound that leaves enough of them leaves few to compare.
    """
    above = next((high for bound in _BOUNDS if np.count_nonzero(high := row > bound * most) >= count), row > 0)
    found = above.nonzero()[0]
    return found[highest(row[found], count)]


def short_list(row: int) -> int:
    """How many tools of a row (0: the whole text) are worth a closer look."""
    return _SHORT_LIST_OF_CLAUSE if row else _SHORT_LIST


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
        self._rows = [(segment[name], segment[f"{name}.at"].astype(np.int64)) for name in ("subject", "title")]
        self._idf = segment["idf"]

    def score(self, query: Query, tools: Tools) -> Scores:
        column = np.zeros(len(self._idf), np.uint16)
        column[query.terms] = np.arange(1, len(query.terms) + 1)
        asked = np.pad(query.shares, ((0, 0), (1, 0)))  # column 0: not asked for
        shares = [self._share(_ragged(at, terms, tools), column, asked, len(tools)) for terms, at in self._rows]
        return np.maximum(*shares)[query.of_clauses]

    def _share(self, named: Ragged, column: NDArray[np.uint16], asked: Scores, tools: int) -> Scores:
        """(held rows, tools): the share of each tool's terms, by weight, that is asked for."""
        owners, terms = named
        idf, columns = self._idf[terms], column[terms]
        whole = np.bincount(owners, idf, tools) + EPSILON
        return np.array([np.bincount(owners, idf * row[columns], tools) / whole for row in asked], np.float32)


def _ragged(at: Tools, values: NDArray[np.int32], rows: Tools) -> Ragged:
    """(position in `rows` of the owner, value) of every value of `rows`."""
    starts, sizes = at[rows], at[rows + 1] - at[rows]
    owners = np.repeat(np.arange(len(rows)), sizes)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return owners, values[starts[owners] + within]


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
                scores[row] = np.maximum(scores[row], [self._texts.serves(int(tool), route) for tool in tools])
        return scores
