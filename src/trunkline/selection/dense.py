"""Scores by meaning: how close a request lies to what a tool is, and to how people ask for it."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.meaning import Vectors
from trunkline.selection.neighbours import Neighbours, whole
from trunkline.selection.query import Query
from trunkline.selection.scorers import Mask, Scores, Tools, beside_best, highest, short_list
from trunkline.selection.segment import Segment

_LEAST: Final = 0.25  # a cosine below is chance
_FEW: Final = 3000  # so many tools are looked at one by one
_NO_SERVICE: Final = -1
_Rated = tuple[NDArray[np.integer], Scores]  # tools, perhaps repeated, and the score of each


class Near:
    """Cosine of `of` a query to the closest of the tool's vectors that the index holds as `name`; 0 without."""

    def __init__(self, segment: Segment, name: str, of: Callable[[Query], Vectors]) -> None:
        self._near = Neighbours(segment, name)
        self._of = of

    def look(self, query: Query, allowed: Mask | None) -> "Close":
        rows = self._of(query)
        if allowed is not None and np.count_nonzero(allowed) <= _FEW:
            tools = allowed.nonzero()[0]
            found = [(tools, scores) for scores in self._near.closest(rows, tools)]
        else:
            # What is close to all of a text of several clauses is close to one of them.
            found = [_allowed(self._near.near(row), allowed) for row in rows[-len(query.of_clauses) :]]
        return Close(self._near, rows, found, short_list(len(query.of_clauses)))


def _allowed(rated: _Rated, allowed: Mask | None) -> _Rated:
    tools, scores = rated
    return rated if allowed is None else (tools[kept := allowed[tools]], scores[kept])


class Close:
    """What was found near each held row."""

    def __init__(self, near: Neighbours, rows: Vectors, found: Sequence[_Rated], count: int) -> None:
        self._near, self._rows, self._found = near, rows, found
        self._count = count

    def best(self) -> Tools:
        return np.concatenate([_likely(tools, scores, self._count) for tools, scores in self._found])

    def of(self, tools: Tools) -> Scores:
        return beside_best(self._near.closest(self._rows, tools))


def _likely(tools: NDArray[np.integer], scores: Scores, count: int) -> Tools:
    likely = (scores >= _LEAST).nonzero()[0]
    return tools[likely[highest(scores[likely], count)]].astype(np.int64)


class ServiceFit:
    """How close a clause lies to what the tool's service is for."""

    def __init__(self, segment: Segment) -> None:
        self._vectors: Vectors = whole(segment["service.vector"])
        self._service = segment["service"]

    def score(self, query: Query, tools: Tools) -> Scores:
        of_tool: Tools = self._service[tools].astype(np.int64)
        # Tools come in order, so those of a service stand together.
        first = np.diff(of_tool, prepend=_NO_SERVICE) != 0
        vectors = self._vectors[of_tool[first]]
        likeness = [(vectors @ query.meaning[row])[first.cumsum() - 1] for row in query.of_clauses]
        return np.maximum(likeness, 0.0)


class Known:
    """How much people were found to ask for a tool: its own phrases beyond the usual two.

    Having some at all must not count: most tools have none, and whoever asks for one of them would not find it.
    """

    _USUAL: Final = 2
    _MORE: Final = 2

    def __init__(self, segment: Segment) -> None:
        beyond = segment["phrases"].astype(np.int16) - self._USUAL
        self._known = (np.clip(beyond, 0, self._MORE) / self._MORE).astype(np.float32)

    def score(self, query: Query, tools: Tools) -> Scores:
        return np.broadcast_to(self._known[tools], (len(query.of_clauses), len(tools)))
