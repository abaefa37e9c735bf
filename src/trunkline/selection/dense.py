"""Scores by meaning: how close a request lies to what a tool is, and to how people ask for it."""

import numpy as np

from trunkline.selection.meaning import Meaning, Vectors
from trunkline.selection.request import Request
from trunkline.selection.scorers import Scores, Tools
from trunkline.selection.segment import Segment
from trunkline.selection.vectors import COARSE, whole


class Meant:
    """The request's vectors, worked out once: row 0 is the whole text, row i clause i."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning

    def rows(self, request: Request) -> Vectors:
        return self._meaning.embed([request.text, *(clause.text for clause in request.clauses)])


class Dense:
    """Cosine to the tool's own vector, or to the closest of its phrases.

    All tools are looked at in few dimensions, the short list in all of them.
    """

    def __init__(self, segment: Segment, meant: Meant) -> None:
        self._meant = meant
        self._tools = len(segment["service"])
        self._vectors = segment["vector"]
        self._coarse = segment["coarse"]
        self._owners = segment["phrase.tool"].astype(np.int64)
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))  # where each owner's phrases begin

    def find(self, request: Request) -> Scores:
        likeness = self._meant.rows(request)[:, :COARSE] @ self._coarse.T
        scores = likeness[:, : self._tools]
        if len(self._owners):
            of_phrases = np.maximum.reduceat(likeness[:, self._tools :], self._starts, axis=1)
            owners = self._owners[self._starts]
            scores[:, owners] = np.maximum(scores[:, owners], of_phrases)
        return np.maximum(scores, 0.0)

    def refine(self, request: Request, tools: Tools, found: Scores) -> Scores:
        rows = self._meant.rows(request)
        scores = rows @ whole(self._vectors[tools]).T
        starts, ends = np.searchsorted(self._owners, tools), np.searchsorted(self._owners, tools, "right")
        sizes = ends - starts
        spoken = np.flatnonzero(sizes)
        if len(spoken):
            offsets = np.cumsum(sizes[spoken]) - sizes[spoken]
            phrases = np.repeat(starts[spoken] - offsets, sizes[spoken]) + np.arange(int(sizes.sum()))
            likeness = rows @ whole(self._vectors[self._tools + phrases]).T
            scores[:, spoken] = np.maximum(scores[:, spoken], np.maximum.reduceat(likeness, offsets, axis=1))
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
