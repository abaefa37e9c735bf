"""Scores by meaning: how close a request lies to what a tool is, and to how people ask for it."""

from typing import Final

import numpy as np

from trunkline.selection.meaning import Meaning, Vectors
from trunkline.selection.neighbours import Neighbours, whole
from trunkline.selection.request import Request
from trunkline.selection.scorers import EPSILON, Looked, Mask, Scores, Tools, best, short_list
from trunkline.selection.segment import Segment

_LEAST: Final = 0.25  # a cosine below is chance
_FEW: Final = 3000  # so many tools are looked at one by one


class Meant:
    """What a request means: row 0 is the whole text, row i clause i. Remembers the last one it was asked for."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._last: tuple[Request | None, Vectors] = (None, np.zeros((0, 0), np.float32))

    def rows(self, request: Request) -> Vectors:
        if self._last[0] is not request:
            texts = [request.text, *(clause.text for clause in request.clauses)]
            self._last = (request, self._meaning.embed(texts))
        return self._last[1]


class Described:
    """Cosine to the tool's own name and description."""

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._near = Neighbours(segment, "vector")

    def look(self, request: Request, allowed: Mask | None) -> Looked:
        rows = self._meant.rows(request)
        if allowed is not None and np.count_nonzero(allowed) <= _FEW:
            return _Close(self._near, rows, np.flatnonzero(allowed))
        near = self._near.to(rows)
        return _Close(self._near, rows, near if allowed is None else near[allowed[near]])


class _Close:
    def __init__(self, near: Neighbours, rows: Vectors, tools: Tools) -> None:
        self._near, self._rows, self._tools = near, rows, tools
        self._scores = near.likeness(rows, tools)
        self._most = np.maximum(self._scores.max(axis=1, initial=0), EPSILON)[:, None]

    def best(self) -> Tools:
        rows = enumerate(np.where(self._scores < _LEAST, 0.0, self._scores))
        return self._tools[np.concatenate([best(row, short_list(number)) for number, row in rows])]

    def of(self, tools: Tools) -> Scores:
        return np.minimum(self._near.likeness(self._rows, tools) / self._most, 1.0)


class Asked:
    """Cosine to the closest of the tool's phrases; 0 for a tool without."""

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._near = Neighbours(segment, "phrase.vector")
        self._owners = segment["phrase.tool"].astype(np.int64)

    def look(self, request: Request, allowed: Mask | None) -> Looked:
        rows = self._meant.rows(request)
        if allowed is not None and np.count_nonzero(allowed) <= _FEW:
            return _Said(self._near, self._owners, rows, np.flatnonzero(allowed))
        tools = np.unique(self._owners[self._near.to(rows)])
        return _Said(self._near, self._owners, rows, tools if allowed is None else tools[allowed[tools]])


class _Said:
    def __init__(self, near: Neighbours, owners: Tools, rows: Vectors, tools: Tools) -> None:
        self._near, self._owners, self._rows, self._tools = near, owners, rows, tools
        self._scores = self._closest(tools)
        self._most = np.maximum(self._scores.max(axis=1, initial=0), EPSILON)[:, None]

    def best(self) -> Tools:
        rows = enumerate(np.where(self._scores < _LEAST, 0.0, self._scores))
        return self._tools[np.concatenate([best(row, short_list(number)) for number, row in rows])]

    def of(self, tools: Tools) -> Scores:
        return np.minimum(self._closest(tools) / self._most, 1.0)

    def _closest(self, tools: Tools) -> Scores:
        """(rows, tools): the likeness of each tool's closest phrase."""
        scores = np.zeros((len(self._rows), len(tools)), np.float32)
        starts, ends = np.searchsorted(self._owners, tools), np.searchsorted(self._owners, tools, "right")
        sizes = ends - starts
        spoken = np.flatnonzero(sizes)
        if len(spoken):
            offsets = np.cumsum(sizes[spoken]) - sizes[spoken]
            phrases = np.repeat(starts[spoken] - offsets, sizes[spoken]) + np.arange(int(sizes.sum()))
            scores[:, spoken] = np.maximum.reduceat(self._near.likeness(self._rows, phrases).T, offsets, axis=0).T
        return scores


class ServiceFit:
    """How close a clause lies to what the tool's service is for."""

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._vectors = whole(segment["service.vector"])
        self._service = segment["service"]

    def score(self, request: Request, tools: Tools) -> Scores:
        likeness = np.maximum(self._meant.rows(request)[1:] @ self._vectors.T, 0.0)
        return likeness[:, self._service[tools]]


class Known:
    """1 for a tool that people were found to ask for: it has phrases of its own."""

    def __init__(self, segment: Segment) -> None:
        self._phrases = segment["phrases"]

    def score(self, request: Request, tools: Tools) -> Scores:
        known = (self._phrases[tools] > 0).astype(np.float32)
        return np.broadcast_to(known, (len(request.clauses), len(tools)))
