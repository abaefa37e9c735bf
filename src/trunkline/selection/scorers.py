"""The parts of a score. Two kinds, each small and alone:

A *text scorer* rates every tool of the index for each row of a request (row 0: the whole text; row i: clause i): it
finds. A *feature* rates the short list for each clause: it refines. Both answer raw values; the ranking weighs
them.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.request import Request
from trunkline.selection.segment import Segment
from trunkline.selection.texts import Texts
from trunkline.selection.verbs import family_table
from trunkline.selection.vocabulary import Vocabulary, Words

Scores = NDArray[np.float32]
Tools = NDArray[np.int64]
Mask = NDArray[np.bool_]

EPSILON: Final = 1e-6
_SHORT_LIST: Final = 150
_SHORT_LIST_OF_CLAUSE: Final = 40


class Looked(Protocol):
    """What a text scorer has to say on one request."""

    def best(self) -> Tools:
        """Numbers of the tools that are worth a closer look, perhaps repeated."""
        ...

    def of(self, tools: Tools) -> Scores:
        """(1 + clauses, tools): how well each tool fits; the best of each row that was seen is 1."""
        ...


class TextScorer(Protocol):
    def look(self, request: Request, allowed: Mask | None) -> Looked:
        """Looks through all tools, or those that are `allowed`."""
        ...


class Feature(Protocol):
    def score(self, request: Request, tools: Tools) -> Scores:
        """(clauses, tools), within -1 .. 1."""
        ...


class Lexical:
    """BM25F: the sum of the contributions that the build worked out."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary) -> None:
        self._tool = segment["tool"]
        self._weight = segment["weight"]
        self._at = segment["tool.at"]
        self._tools = len(segment["service"])
        self._vocabulary = vocabulary

    def look(self, request: Request, allowed: Mask | None) -> "Rated":
        rows = [request, *request.clauses]
        scores = np.zeros((len(rows), self._tools), np.float32)
        for term, asked in self._vocabulary.asked(rows).items():
            start, end = int(self._at[term]), int(self._at[term + 1])
            tools, weights = self._tool[start:end], self._weight[start:end].astype(np.float32)
            for row, share in asked:
                scores[row, tools] += weights if share == 1.0 else share * weights
        if allowed is not None:
            scores *= allowed
        return Rated(scores)


class Rated:
    """All tools rated."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._most = np.maximum(scores.max(axis=1, initial=0), EPSILON)[:, None]

    def best(self) -> Tools:
        return np.concatenate([best(row, short_list(number)) for number, row in enumerate(self._scores)])

    def of(self, tools: Tools) -> Scores:
        return self._scores[:, tools] / self._most


def short_list(row: int) -> int:
    """How many tools of a row (0: the whole text) are worth a closer look."""
    return _SHORT_LIST_OF_CLAUSE if row else _SHORT_LIST


def best(values: Scores, count: int) -> Tools:
    """Positions of the `count` highest values above 0."""
    chosen = np.flatnonzero(values > 0)
    if count < len(chosen):
        kept = np.argpartition(values[chosen], len(chosen) - count)[len(chosen) - count :]
        chosen = chosen[kept]
    return chosen


class Subject:
    """How much of a tool's own name, or title, a clause speaks of: `issue` beats `issue_comment_reaction`.

    Verbs aside, they are another part's.
    """

    def __init__(self, segment: Segment, vocabulary: Vocabulary) -> None:
        self._rows = [(segment[name], segment[f"{name}.at"].astype(np.int64)) for name in ("subject", "title")]
        self._idf = segment["idf"]
        self._vocabulary = vocabulary

    def score(self, request: Request, tools: Tools) -> Scores:
        asked = self._asked(request.clauses)
        shares = [self._share(at, terms, tools, asked) for terms, at in self._rows]
        return np.maximum(*shares)

    def _share(self, at: Tools, values: NDArray[np.int32], tools: Tools, asked: Scores) -> Scores:
        """(clauses, tools): the share of each tool's `values`, by weight, that is asked for."""
        owners, terms = _ragged(at, values, tools)
        idf = self._idf[terms]
        whole = np.bincount(owners, idf, len(tools)) + 1e-6
        return np.array([np.bincount(owners, idf * row[terms], len(tools)) / whole for row in asked], np.float32)

    def _asked(self, rows: Sequence[Words]) -> Scores:
        asked = np.zeros((len(rows), len(self._vocabulary)), np.float32)
        for term, shares in self._vocabulary.asked(rows).items():
            for row, share in shares:
                asked[row, term] = share
        return asked


def _ragged(at: Tools, values: NDArray[np.int32], rows: Tools) -> tuple[Tools, NDArray[np.int32]]:
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

    def score(self, request: Request, tools: Tools) -> Scores:
        known = self._verbs[tools][None, :]
        asked = np.array([clause.verbs for clause in request.clauses], np.uint8)[:, None]
        kin = (self._family[known] & self._family[asked]) != 0
        differ = np.where((known != 0) & (asked != 0), np.where(kin, self._KIN, self._OTHER), 0.0)
        return np.where(known & asked, 1.0, differ).astype(np.float32)


class Named:
    """How surely a clause names the tool's service; what another clause names counts half, for `it` may mean that."""

    _ELSEWHERE: Final = 0.5

    def __init__(self, segment: Segment, services: int) -> None:
        self._service = segment["service"]
        self._services = services

    def score(self, request: Request, tools: Tools) -> Scores:
        strength = np.zeros((len(request.clauses), self._services), np.float32)
        for mention in request.mentions:
            here = np.full(len(strength), mention.strength * self._ELSEWHERE, np.float32)
            here[mention.clause] = mention.strength
            strength[:, mention.service] = np.maximum(strength[:, mention.service], here)
        return strength[:, self._service[tools]]


class Quoted:
    """1 where a clause holds the tool's name, or an API path (with or without its method) that is the tool's."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def score(self, request: Request, tools: Tools) -> Scores:
        scores = np.zeros((len(request.clauses), len(tools)), np.float32)
        for row, clause in enumerate(request.clauses):
            for name in clause.names:
                scores[row, tools == self._texts.find(name)] = 1.0
            for route in clause.routes:
                scores[row] = np.maximum(scores[row], [self._texts.serves(int(tool), route) for tool in tools])
        return scores
