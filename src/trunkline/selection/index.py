"""The index of all tools, and the search over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from trunkline.contract import Effect, NotFound
from trunkline.selection.aliases import ServiceNames
from trunkline.selection.blend import NOTHING, Without, ranking
from trunkline.selection.correction import Correction
from trunkline.selection.layout import EFFECTS, FILE
from trunkline.selection.meaning import Meaning
from trunkline.selection.query import Interpreter, Query
from trunkline.selection.ranking import Ranked, View
from trunkline.selection.request import Reader
from trunkline.selection.scorers import Mask, Scores
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
    """What a search found: hits, best first, and the intents (clauses) they answer.

    `prerequisites` are tools that have what the first hit of an intent requires, such as the channel of a message.
    """

    hits: tuple[Hit, ...]
    clauses: tuple[str, ...]
    prerequisites: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A set of the index's tools, a bit each."""

    bits: bytes

    def __and__(self, other: "Bitmap") -> "Bitmap":
        return Bitmap((np.frombuffer(self.bits, np.uint8) & np.frombuffer(other.bits, np.uint8)).tobytes())

    def mask(self, tools: int) -> Mask:
        return np.unpackbits(np.frombuffer(self.bits, np.uint8), count=tools).astype(np.bool_)


class Index:
    """Read only; safe to share between tasks of one event loop. A search is a few milliseconds of pure computing."""

    def __init__(self, segment: Segment, without: Without = NOTHING) -> None:
        self._segment = segment
        self._texts = Texts(segment)
        self._names = msgspec.msgpack.decode(segment["services"].tobytes(), type=ServiceNames)
        analyzer = Analyzer()
        vocabulary, meaning = Vocabulary(segment, analyzer), Meaning.load()
        aliases = {} if "services" in without else self._names.aliases
        correction = Correction(meaning.words, aliases, vocabulary.common)
        corrected = str if "spelling" in without else correction.corrected
        self._reader = Reader(analyzer, VerbClasses(analyzer), aliases, corrected, split="clauses" not in without)
        self._interpreter = Interpreter(vocabulary, meaning)
        self._numbers = {name: number for number, name in enumerate(self._names.ids)}
        self._ranking = ranking(segment, self._texts, len(self._numbers), without)

    @staticmethod
    def open(folder: Path, without: Without = NOTHING) -> "Index":
        """Maps the index that `build` wrote to `folder`; `without`: parts that are left out, to see what each is worth.

        Raises NotFound if there is none.
        """
        return Index(Segment.open(folder / FILE), without)

    def __len__(self) -> int:
        return len(self._segment["service"])

    @property
    def listing_tokens(self) -> int:
        """What listing every tool would cost, in tokens."""
        return int(self._segment["listing_tokens"].sum(dtype=np.int64))

    def allow(self, *, services: Iterable[str] = (), names: Iterable[str] = ()) -> Bitmap:
        """The set of all tools of `services`, and the tools `names`; what the index does not hold is left out."""
        mask = self._these(services)[self._segment["service"]]
        numbers = [number for name in names if (number := self._texts.find(name)) >= 0]
        mask[numbers] = True
        return Bitmap(np.packbits(mask).tobytes())

    def listing_tokens_of(self, allowed: Bitmap) -> tuple[int, int]:
        """How many tools these are, and the tokens that listing them would cost."""
        mask = allowed.mask(len(self))
        return int(mask.sum()), int(self._segment["listing_tokens"][mask].sum(dtype=np.int64))

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
            self._these(connected),
            None if allowed is None else allowed.mask(len(self)),
        )
        texts = (query,) if isinstance(query, str) else tuple(query)
        queries = [self._interpreter.query(self._reader.read(text)) for text in texts]
        if isinstance(query, str):
            clauses = tuple(clause.text for clause in queries[0].request.clauses)
            hits = tuple(self._hits(self._ranking.rank(queries[0], view, limit)))
            return Found(hits, clauses, self._prerequisites(hits, view))
        hits = self._several(queries, view, limit)
        return Found(hits, texts, self._prerequisites(hits, view))

    def tool(self, name: str, clause: int, needed_by: str, allowed: Bitmap | None) -> Hit | None:
        """A tool as a prerequisite of another; None if there is none of that name in reach."""
        number = self._texts.find(name)
        if number < 0 or (allowed is not None and not allowed.mask(len(self))[number]):
            return None
        return self._hit(number, 0.0, {}, clause, needed_by)

    def producers(self, service: str) -> dict[str, tuple[str, ...]]:
        """Tool -> the tools that have what it requires, of all tools of `service` that require what others have.

        Raises NotFound if the index holds no such service.
        """
        number = self._numbers.get(service)
        if number is None:
            raise NotFound(f"The catalog has no service {service}.", "Look at `trunkline catalog stats`.")
        tools: list[int] = np.flatnonzero(self._segment["service"] == number).tolist()
        found = {self._texts.name(tool): tuple(map(self._texts.name, self._producers(tool))) for tool in tools}
        return {tool: names for tool, names in found.items() if names}

    def around(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tools that have what tool `name` requires, and those that require what it has.

        Raises NotFound if the index holds no such tool.
        """
        tool = self._texts.find(name)
        if tool < 0:
            raise NotFound(f"The catalog has no tool {name}.")
        needing: list[int] = np.flatnonzero((self._segment["needs"] == tool).any(axis=1)).tolist()
        return tuple(map(self._texts.name, self._producers(tool))), tuple(map(self._texts.name, needing))

    def _producers(self, tool: int) -> list[int]:
        return [number for number in self._segment["needs"][tool].tolist() if number >= 0]

    def _prerequisites(self, hits: Sequence[Hit], view: View) -> tuple[Hit, ...]:
        """Of the first hit of each clause one producer, if that is no first hit itself."""
        firsts = {hit.clause: hit for hit in reversed(hits)}
        taken = {hit.name for hit in firsts.values()}
        found: dict[str, Hit] = {}
        for clause, hit in sorted(firsts.items()):
            for tool in self._producers(self._texts.find(hit.name)):
                name = self._texts.name(tool)
                if name not in taken and (view.allowed is None or view.allowed[tool]):
                    found.setdefault(name, self._hit(tool, 0.0, {}, clause, hit.name))
                    break
        return tuple(found.values())

    def _these(self, services: Iterable[str]) -> Mask:
        """(services,): which of the index's these are."""
        mask = np.zeros(len(self._numbers), np.bool_)
        mask[[number for name in services if (number := self._numbers.get(name)) is not None]] = True
        return mask

    def _several(self, queries: Sequence[Query], view: View, limit: int) -> tuple[Hit, ...]:
        each = [self._hits(self._ranking.rank(query, view, limit)) for query in queries]
        hits: dict[str, Hit] = {}
        for place in range(limit):
            for number, found in enumerate(each):
                if place < len(found):
                    hits.setdefault(found[place].name, replace(found[place], clause=number))
        return tuple(list(hits.values())[: max(limit, 0)])

    def _hits(self, ranked: Ranked) -> list[Hit]:
        scores: list[float] = _rounded(ranked.scores).tolist()
        parts: list[list[float]] = _rounded(ranked.parts.T).tolist()
        return [
            self._hit(
                tool,
                scores[place],
                {name: value for name, value in zip(ranked.names, parts[place], strict=True) if value},
                int(ranked.clauses[place]),
            )
            for place, tool in enumerate(ranked.tools.tolist())
        ]

    def _hit(self, tool: int, score: float, parts: dict[str, float], clause: int, needed_by: str = "") -> Hit:
        return Hit(
            self._texts.name(tool),
            self._names.ids[int(self._segment["service"][tool])],
            score,
            parts,
            self._texts.signature(tool),
            int(self._segment["signature_tokens"][tool]),
            EFFECTS[int(self._segment["effect"][tool])],
            clause,
            needed_by,
        )


def _rounded(values: Scores) -> NDArray[np.float64]:
    return values.astype(np.float64).round(3)
