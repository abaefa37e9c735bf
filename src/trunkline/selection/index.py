"""The index of all tools, and the search over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from trunkline.contract import Effect
from trunkline.selection.aliases import ServiceNames
from trunkline.selection.dense import Asked, Described, Known, Meant, ServiceFit
from trunkline.selection.layout import EFFECTS, FILE
from trunkline.selection.meaning import Meaning
from trunkline.selection.ranking import Part, Ranked, Ranking, View, Weighed
from trunkline.selection.request import Reader, Request
from trunkline.selection.scorers import Lexical, Mask, Named, Quoted, Subject, Verb
from trunkline.selection.segment import Segment
from trunkline.selection.texts import Texts
from trunkline.selection.verbs import VerbClasses
from trunkline.selection.vocabulary import Vocabulary
from trunkline.selection.words import Analyzer

_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A tool found. `clause` is the number of the intent it answers; `parts` explains `score` and sums to it."""

    name: str
    service: str
    score: float
    parts: dict[str, float]
    signature: str
    signature_tokens: int
    effect: Effect
    clause: int
    prerequisite_of: str = ""  # the tool that needs this one's answer


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: hits, best first, and the intents (clauses) they answer."""

    hits: tuple[Hit, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A set of the index's tools, a bit each."""

    bits: bytes

    def mask(self, tools: int) -> Mask:
        return np.unpackbits(np.frombuffer(self.bits, np.uint8), count=tools).astype(np.bool_)


class Index:
    """Read only; safe to share between tasks of one event loop. A search is a few milliseconds of pure computing."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._texts = Texts(segment)
        self._names = msgspec.msgpack.decode(segment["services"].tobytes(), type=ServiceNames)
        analyzer = Analyzer()
        self._reader = Reader(analyzer, VerbClasses(analyzer), self._names.aliases)
        self._ranking = _ranking(segment, Vocabulary(segment, analyzer), self._texts, len(self._names.ids))

    @staticmethod
    def open(folder: Path) -> "Index":
        """Maps the index that `build` wrote to `folder`. Raises NotFound if there is none."""
        return Index(Segment.open(folder / FILE))

    def __len__(self) -> int:
        return len(self._segment["service"])

    @property
    def listing_tokens(self) -> int:
        """What listing every tool would cost, in tokens."""
        return int(self._segment["listing_tokens"].sum(dtype=np.int64))

    def allow(self, *, services: Iterable[str] = (), names: Iterable[str] = ()) -> Bitmap:
        """The set of all tools of `services`, and the tools `names`; what the index does not hold is left out."""
        wanted = frozenset(services)
        of_service = np.array([name in wanted for name in self._names.ids], np.bool_)
        mask = of_service[self._segment["service"]]
        numbers = [number for name in names if (number := self._texts.find(name)) >= 0]
        mask[numbers] = True
        return Bitmap(np.packbits(mask).tobytes())

    def search(
        self,
        query: str | Sequence[str],
        *,
        limit: int = 8,
        connected: frozenset[str] = _NOBODY,
        allowed: Bitmap | None = None,
    ) -> Found:
        """At most `limit` tools for `query`.

        One text is split into clauses and ranked as a whole. Several texts are several intents: each is ranked alone
        and they take turns, so each has its best tool before one has its second. Tools of `connected` services rank
        above equally good ones of others; nothing outside `allowed` is seen.
        """
        view = View(
            np.array([name in connected for name in self._names.ids], np.bool_),
            None if allowed is None else allowed.mask(len(self)),
        )
        if isinstance(query, str):
            request = self._reader.read(query)
            ranked = self._ranking.rank(request, view, limit)
            hits = [self._hit(ranked, place, int(ranked.clauses[place])) for place in range(len(ranked.tools))]
            return Found(tuple(hits), tuple(clause.text for clause in request.clauses))
        return self._several([self._reader.read(text) for text in query], tuple(query), view, limit)

    def _several(self, requests: Sequence[Request], texts: tuple[str, ...], view: View, limit: int) -> Found:
        each = [self._ranking.rank(request, view, limit) for request in requests]
        hits: dict[int, Hit] = {}
        for place in range(limit):
            for number, ranked in enumerate(each):
                if place < len(ranked.tools):
                    hits.setdefault(int(ranked.tools[place]), self._hit(ranked, place, number))
        return Found(tuple(list(hits.values())[: max(limit, 0)]), texts)

    def _hit(self, ranked: Ranked, place: int, clause: int) -> Hit:
        tool = int(ranked.tools[place])
        parts = {name: round(float(values[place]), 3) for name, values in ranked.parts.items() if values[place]}
        return Hit(
            self._texts.name(tool),
            self._names.ids[int(self._segment["service"][tool])],
            round(float(ranked.scores[place]), 3),
            parts,
            self._texts.signature(tool),
            int(self._segment["signature_tokens"][tool]),
            EFFECTS[int(self._segment["effect"][tool])],
            clause,
        )


def _ranking(segment: Segment, vocabulary: Vocabulary, texts: Texts, services: int) -> Ranking:
    """The parts of a score and their weights (fitted on public retrieval sets; flat around these values)."""
    meant = Meant(Meaning.load())
    return Ranking(
        (
            Weighed("text", Lexical(segment, vocabulary), 3.6, 2.0),
            Weighed("meaning", Described(segment, meant), 2.4, 2.2),
            Weighed("asked", Asked(segment, meant), 2.4, 3.0),
        ),
        (
            Part("subject", Subject(segment, vocabulary), 0.9),
            Part("service", Named(segment, services), 1.8),
            Part("service fit", ServiceFit(segment, meant), 0.2),
            Part("known", Known(segment), 0.5),
            Part("verb", Verb(segment), 0.46),
            Part("quoted", Quoted(texts), 10.0),
        ),
        segment,
    )
