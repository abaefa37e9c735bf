"""Scores by meaning: how close a request lies to what a tool is, and to how people ask for it."""

import numpy as np

from trunkline.selection.meaning import Meaning, Vectors
from trunkline.selection.request import Request
from trunkline.selection.scorers import Scores, Tools
from trunkline.selection.segment import Segment
from trunkline.selection.vectors import COARSE, whole


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
    """Cosine to the tool's own name and description. All are looked at in few dimensions, the short list in all."""

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._vectors = segment["vector"]
        self._coarse = segment["coarse"]

    def find(self, request: Request) -> Scores:
        return np.maximum(self._meant.rows(request)[:, :COARSE] @ self._coarse.T, 0.0)

    def refine(self, request: Request, tools: Tools, found: Scores) -> Scores:
        return np.maximum(self._meant.rows(request) @ whole(self._vectors[tools]).T, 0.0)


class Asked:
    """Cosine to the closest of the tool's phrases; 0 for a tool without."""

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._tools = len(segment["service"])
        self._vectors = segment["phrase.vector"]
        self._coarse = segment["phrase.coarse"]
        self._owners = segment["phrase.tool"].astype(np.int64)
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))  # where each owner's phrases begin

    def find(self, request: Request) -> Scores:
        rows = self._meant.rows(request)[:, :COARSE]
        scores = np.zeros((len(rows), self._tools), np.float32)
        if len(self._starts):
            likeness = self._coarse @ rows.T
            scores[:, self._owners[self._starts]] = np.maximum.reduceat(likeness, self._starts, axis=0).T
        return np.maximum(scores, 0.0)

    def refine(self, request: Request, tools: Tools, found: Scores) -> Scores:
        rows = self._meant.rows(request)
        scores = np.zeros((len(rows), len(tools)), np.float32)
        starts, ends = np.searchsorted(self._owners, tools), np.searchsorted(self._owners, tools, "right")
        sizes = ends - starts
        spoken = np.flatnonzero(sizes)
        if len(spoken):
            offsets = np.cumsum(sizes[spoken]) - sizes[spoken]
            phrases = np.repeat(starts[spoken] - offsets, sizes[spoken]) + np.arange(int(sizes.sum()))
            likeness = whole(self._vectors[phrases]) @ rows.T
            scores[:, spoken] = np.maximum.reduceat(likeness, offsets, axis=0).T
        return np.maximum(scores, 0.0)


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
