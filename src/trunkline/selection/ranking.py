"""Scores to an order: normalize, weigh, take a short list, refine, and give every named service its tools."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.query import Query
from trunkline.selection.request import Request
from trunkline.selection.scorers import Feature, Looked, Mask, Scores, TextScorer, Tools, best
from trunkline.selection.segment import Segment

_SHORT_LIST_OF_SERVICE: Final = 40
_LIFTED: Final = 2  # tools that a surely named service has at the head, where several are named
_SERVICES_LIFTED: Final = 4
_SEEN: Final = 3  # a service with a tool among so many first ones needs no lift
_BEFORE_TOLD: Final = 4  # tools that stand before the one that tells somebody
_CONSUMERS: Final = 4
_LIFT: Final = 1.0
_BEHIND: Final = 0.05
_CONNECTED: Final = 1.2
_DEPRECATED: Final = -0.5
_OF_TOOL: Final = ("connected", "deprecated", "needed")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A text scorer and what it counts for the whole text and for the best clause."""

    name: str
    scorer: TextScorer
    text: float
    clause: float


@dataclass(frozen=True, slots=True)
class Part:
    """A feature and what it counts."""

    name: str
    feature: Feature
    weight: float


@dataclass(frozen=True, slots=True)
class View:
    """What one caller sees: which services are connected, which tools are allowed (None: all)."""

    connected: Mask  # by service number
    allowed: Mask | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Tools, best first, with the score of each, the clause it answers, and the parts of the score by name."""

    tools: Tools
    scores: Scores
    clauses: Tools
    names: tuple[str, ...]
    parts: Scores  # (names, tools)

    def first(self, order: Tools) -> "Ranked":
        return Ranked(self.tools[order], self.scores[order], self.clauses[order], self.names, self.parts[:, order])


class Ranking:
    """Ranks one request. A tool's score is that of the whole text plus that of the clause it answers best.

    `covers`: each named service, and each clause that tells somebody, has tools at the head; `follows`: so have needs.
    """

    def __init__(
        self,
        texts: Sequence[Weighed],
        parts: Sequence[Part],
        segment: Segment,
        *,
        covers: bool = True,
        follows: bool = True,
    ) -> None:
        self._covers, self._follows = covers, follows
        self._texts = texts
        self._parts = parts
        self._names = (
            *(weighed.name for weighed in texts),
            *(f"{weighed.name} of clause" for weighed in texts),
            *(part.name for part in parts),
            *_OF_TOOL,
        )
        self._service = segment["service"]
        self._ranges = _ranges(self._service)
        self._deprecated = segment["deprecated"]
        self._needs = segment["needs"]

    def rank(self, query: Query, view: View, limit: int) -> Ranked:
        """The best `limit` tools; fewer if fewer have anything to do with the request."""
        looked = [weighed.scorer.look(query, view.allowed) for weighed in self._texts]
        tools = self._short_list(query, looked, view)
        ranked, of_clause = self._refine(query, tools, [each.of(tools)[query.row_of] for each in looked], view)
        order = np.lexsort((ranked.tools, -ranked.scores))
        if self._follows and self._with_producers(ranked, order):
            order = np.lexsort((ranked.tools, -ranked.scores))
        if not self._covers:
            return ranked.first(order[:limit])
        order = self._covered(query.request, ranked, of_clause, order)
        return ranked.first(_with_told(query.request, of_clause, order)[:limit])

    def _short_list(self, query: Query, looked: Sequence[Looked], view: View) -> Tools:
        """What each scorer finds best, and the best of each named service: tool numbers in order."""
        found = [each.best() for each in looked]
        for services, clause in _sure(query.request):
            own = np.concatenate([np.arange(*self._ranges.get(service, (0, 0))) for service in services])
            own = own if view.allowed is None else own[view.allowed[own]]
            row = query.of_clauses[clause]
            found += [own[best(each.of(own)[row], _SHORT_LIST_OF_SERVICE)] for each in looked]
        return _each_once(np.concatenate(found))

    def _refine(self, query: Query, tools: Tools, rows: Sequence[Scores], view: View) -> tuple[Ranked, Scores]:
        """The ranked short list, in tool order, and the score of each tool for each clause."""
        of_text = [weighed.text * scores[0] for weighed, scores in zip(self._texts, rows, strict=True)]
        by_clause = np.stack(
            [
                *(weighed.clause * scores[1:] for weighed, scores in zip(self._texts, rows, strict=True)),
                *(part.weight * part.feature.score(query, tools) for part in self._parts),
            ]
        )
        of_clause = by_clause.sum(axis=0)
        clauses = of_clause.argmax(axis=0)
        of_tool = (
            _CONNECTED * view.connected[self._service[tools]],
            _DEPRECATED * self._deprecated[tools],
            np.zeros(len(tools)),
        )
        parts = np.vstack([*of_text, by_clause[:, clauses, np.arange(len(tools))], *of_tool]).astype(np.float32)
        return Ranked(tools, parts.sum(axis=0), clauses, self._names, parts), of_clause

    def _with_producers(self, ranked: Ranked, order: Tools) -> bool:
        """Lifts the tools that have what the first ones need to just behind them; whether there are any."""
        needed = ranked.parts[-1]
        consumers = order[:_CONSUMERS]
        producers = self._needs[ranked.tools[consumers]]
        places = np.minimum(np.searchsorted(ranked.tools, producers), len(ranked.tools) - 1)
        for row, column in zip(*(ranked.tools[places] == producers).nonzero(), strict=True):
            other = places[row, column]
            room = ranked.scores[consumers[row]] - _BEHIND - ranked.scores[other]
            needed[other] = max(needed[other], min(_LIFT, room))
        np.add(ranked.scores, needed, out=ranked.scores)
        return bool(needed.any())

    def _covered(self, request: Request, ranked: Ranked, of_clause: Scores, order: Tools) -> Tools:
        """`order` with the best tools of each surely named service at the head.

        Without this the service with the most tools takes all places, and a service whose own word for a thing is
        another ("ticket" for an issue) is not seen. A service named alone and seen already is left where it stands.
        Only names lift: lifting the best of every clause costs more than it gives.
        """
        sure = _sure(request)
        service = self._service[ranked.tools]
        seen = frozenset(service[order[:_SEEN]].tolist())
        if len(sure) < 2 and all(seen.intersection(services) for services, _ in sure):
            return order
        lifted: list[list[int]] = []
        for services, clause in sure[:_SERVICES_LIFTED]:
            own = np.flatnonzero(np.isin(service, services))
            lifted.append(own[np.lexsort((own, -of_clause[clause, own]))][:_LIFTED].tolist())
        place = {int(position): rank for rank, position in enumerate(order)}
        head: list[int] = []
        for turn in range(_LIFTED):
            head += sorted((first[turn] for first in lifted if len(first) > turn), key=place.__getitem__)
        return np.array(list(dict.fromkeys([*head, *order.tolist()])), np.int64)


def _with_told(request: Request, of_clause: Scores, order: Tools) -> Tools:
    """`order` with the best tool of each clause that tells somebody, without a service's name, among the first ones.

    What it tells of is said elsewhere, in more words, and takes all places.
    """
    named = {mention.clause for mention in request.mentions if mention.sure}
    told = [number for number, clause in enumerate(request.clauses) if clause.implied and number not in named]
    if not told or len(request.clauses) < 2 or not len(order):
        return order
    first = of_clause[told].argmax(axis=1).tolist()
    return np.array(list(dict.fromkeys([*order[:_BEFORE_TOLD].tolist(), *first, *order.tolist()])), np.int64)


def _sure(request: Request) -> list[tuple[list[int], int]]:
    """(services, clause) of each phrase that surely names services, in order; a service counts where it comes first."""
    phrases: dict[int, tuple[list[int], int]] = {}
    known: set[int] = set()
    for mention in request.mentions:
        if mention.sure and mention.service not in known:
            known.add(mention.service)
            phrases.setdefault(mention.at, ([], mention.clause))[0].append(mention.service)
    return list(phrases.values())


def _ranges(service: NDArray[np.uint16]) -> dict[int, tuple[int, int]]:
    """Service number -> its first tool and the end: they stand together, for their names begin with the service."""
    edges: list[int] = [0, *(np.flatnonzero(np.diff(service)) + 1).tolist(), len(service)]
    return {int(service[start]): (start, end) for start, end in pairwise(edges) if start < end}


def _each_once(tools: Tools) -> Tools:
    """In order. For some hundred numbers this is a fifth of what np.unique costs."""
    tools.sort()
    return tools[np.diff(tools, prepend=-1) > 0]
