"""Scores to an order: normalize, weigh, take a short list, refine, and give every named service its tools."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trunkline.selection.request import Request
from trunkline.selection.scorers import Feature, Looked, Mask, Scores, TextScorer, Tools, best
from trunkline.selection.segment import Segment

_SHORT_LIST_OF_SERVICE: Final = 40
_LIFTED: Final = 2  # tools that a surely named service has at the head, where several are named
_SERVICES_LIFTED: Final = 4
_SEEN: Final = 3  # a service with a tool among so many first ones needs no lift
_CONSUMERS: Final = 4
_LIFT: Final = 1.0
_BEHIND: Final = 0.05
_CONNECTED: Final = 1.2
_DEPRECATED: Final = -0.5


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
    """Tools, best first, with the score of each, the clause it answers, and the parts of the score."""

    tools: Tools
    scores: Scores
    clauses: Tools
    parts: dict[str, Scores]

    def first(self, order: Tools) -> "Ranked":
        parts = {name: values[order] for name, values in self.parts.items()}
        return Ranked(self.tools[order], self.scores[order], self.clauses[order], parts)


class Ranking:
    """Ranks one request. A tool's score is that of the whole text plus that of the clause it answers best."""

    def __init__(
        self,
        texts: Sequence[Weighed],
        parts: Sequence[Part],
        segment: Segment,
    ) -> None:
        self._texts = texts
        self._parts = parts
        self._service = segment["service"]
        self._deprecated = segment["deprecated"]
        self._needs = segment["needs"]

    def rank(self, request: Request, view: View, limit: int) -> Ranked:
        """The best `limit` tools; fewer if fewer have anything to do with the request."""
        looked = [weighed.scorer.look(request, view.allowed) for weighed in self._texts]
        tools = self._short_list(request, looked, view)
        ranked, of_clause = self._refine(request, tools, [each.of(tools) for each in looked], view)
        self._with_producers(ranked)
        order = np.lexsort((ranked.tools, -ranked.scores))
        return ranked.first(self._covered(request, ranked, of_clause, order)[:limit])

    def _short_list(self, request: Request, looked: Sequence[Looked], view: View) -> Tools:
        """What each scorer finds best, and the best of each named service: tool numbers in order."""
        found = [each.best() for each in looked]
        for service, clause in _sure(request):
            own = np.flatnonzero(self._service == service)
            own = own if view.allowed is None else own[view.allowed[own]]
            found += [own[best(each.of(own)[1 + clause], _SHORT_LIST_OF_SERVICE)] for each in looked]
        return np.unique(np.concatenate(found))

    def _refine(self, request: Request, tools: Tools, rows: Sequence[Scores], view: View) -> tuple[Ranked, Scores]:
        """The ranked short list, in tool order, and the score of each tool for each clause."""
        by_clause: dict[str, Scores] = {}
        parts: dict[str, Scores] = {}
        for weighed, scores in zip(self._texts, rows, strict=True):
            parts[weighed.name] = weighed.text * scores[0]
            by_clause[f"{weighed.name} of clause"] = weighed.clause * scores[1:]
        for part in self._parts:
            by_clause[part.name] = part.weight * part.feature.score(request, tools)
        of_clause = np.sum(list(by_clause.values()), axis=0)
        clauses = of_clause.argmax(axis=0)
        parts |= {name: np.take_along_axis(values, clauses[None, :], 0)[0] for name, values in by_clause.items()}
        parts["connected"] = _CONNECTED * view.connected[self._service[tools]].astype(np.float32)
        parts["deprecated"] = _DEPRECATED * self._deprecated[tools].astype(np.float32)
        total = np.sum(list(parts.values()), axis=0)
        return Ranked(tools, total, clauses, parts), of_clause

    def _with_producers(self, ranked: Ranked) -> None:
        """Lifts the tools that have what the first ones need to just behind them."""
        place = {int(tool): position for position, tool in enumerate(ranked.tools)}
        lift = np.zeros_like(ranked.scores)
        for position in np.lexsort((ranked.tools, -ranked.scores))[:_CONSUMERS].tolist():
            for producer in self._needs[ranked.tools[position]].tolist():
                other = place.get(producer, -1)
                if other >= 0:
                    room = ranked.scores[position] - _BEHIND - ranked.scores[other]
                    lift[other] = max(lift[other], min(_LIFT, room))
        ranked.parts["needed"] = lift
        np.add(ranked.scores, lift, out=ranked.scores)

    def _covered(self, request: Request, ranked: Ranked, of_clause: Scores, order: Tools) -> Tools:
        """`order` with the best tools of each surely named service at the head.

        Without this the service with the most tools takes all places, and a service whose own word for a thing is
        another ("ticket" for an issue) is not seen. A service named alone and seen already is left where it stands.
        Only names lift: lifting the best of every clause costs more than it gives.
        """
        sure = _sure(request)
        service = self._service[ranked.tools]
        seen = set(service[order[:_SEEN]].tolist())
        if len(sure) < 2 and all(number in seen for number, _ in sure):
            return order
        lifted: list[list[int]] = []
        for number, clause in sure[:_SERVICES_LIFTED]:
            own = np.flatnonzero(service == number)
            lifted.append(own[np.lexsort((own, -of_clause[clause, own]))][:_LIFTED].tolist())
        place = {int(position): rank for rank, position in enumerate(order)}
        head: list[int] = []
        for turn in range(_LIFTED):
            head += sorted((first[turn] for first in lifted if len(first) > turn), key=place.__getitem__)
        return np.array(list(dict.fromkeys([*head, *order.tolist()])), np.int64)


def _sure(request: Request) -> list[tuple[int, int]]:
    """(service, clause that names it first) of each surely named service, in order."""
    found: dict[int, int] = {}
    for mention in request.mentions:
        if mention.sure:
            found.setdefault(mention.service, mention.clause)
    return list(found.items())
