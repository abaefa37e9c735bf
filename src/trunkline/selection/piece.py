"""The piece of an index that one service is: all of it that other services have no say in (see `layout`).

A piece depends on its service alone, so pieces are made side by side and kept, and made again only where something
changed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from trunkline.catalog.usage import Usage
from trunkline.contract import Effect, Service, ToolSpec
from trunkline.selection import segment, tool_texts
from trunkline.selection.graph import Graph
from trunkline.selection.layout import EFFECTS
from trunkline.selection.meaning import Meaning
from trunkline.selection.neighbours import Centres, small
from trunkline.selection.postings import FIELDS, Text, counted, lengths
from trunkline.selection.spelling import Spelling
from trunkline.selection.vectors import ToolVectors
from trunkline.selection.verbs import VerbClasses
from trunkline.selection.words import Analyzer, split

NUMBERS: Final = {
    "effect": np.uint8,
    "verbs": np.uint8,
    "signature_tokens": np.uint16,
    "listing_tokens": np.uint32,
    "deprecated": np.uint8,
    "phrases": np.uint8,
}
BLOBS: Final = ("name", "signature", "operation")
_PHRASES: Final = 255


class Indexer:
    """Makes pieces. It remembers words, so that many services cost less with the same one."""

    def __init__(self, meaning: Meaning, centres: Centres) -> None:
        self._meaning = meaning
        self._centres = centres
        self._analyzer = Analyzer()
        self._verbs = VerbClasses(self._analyzer)

    @staticmethod
    def load() -> "Indexer":
        return Indexer(Meaning.load(), Centres.load())

    def piece(self, service: Service, specs: Iterable[ToolSpec], usage: Usage) -> dict[str, segment.Array]:
        """The piece of `service`, whose tools are `specs`;

        Names must be unique. Nothing of a spec is kept but its terms, so `specs` may be a generator.
        """
        piece = _Piece(service, usage, ToolVectors(self._meaning, self._centres), self._analyzer, self._verbs)
        for spec in sorted(specs, key=lambda spec: spec.name):
            piece.add(spec)
        return piece.arrays() | {"service.vector": self._of_service(service, usage)}

    def _of_service(self, service: Service, usage: Usage) -> segment.Array:
        """(1, width): what the service is for."""
        return small(self._meaning.embed(["\n".join((service.title, service.summary, *usage.of_service(service.id)))]))


class _Piece:
    """Collects the tools of one service, sorted by name."""

    def __init__(
        self, service: Service, usage: Usage, vectors: ToolVectors, analyzer: Analyzer, verbs: VerbClasses
    ) -> None:
        self._service = service
        self._usage = usage
        self._analyzer = analyzer
        self._verbs = verbs
        self._vectors = vectors
        self._spelling = Spelling()
        self._graph = Graph(analyzer)
        self._vocabulary: dict[bytes, int] = {}
        self._text = {field: Text() for field in FIELDS}
        self._subject = Text()
        self._title = Text()
        self._blobs: dict[str, list[bytes]] = {name: [] for name in BLOBS}
        self._numbers: dict[str, list[int]] = {name: [] for name in NUMBERS}
        self._named = self._ids(" ".join((service.title, service.id, *service.aliases)))
        self._about = self._ids("\n".join(usage.of_service(service.id)))

    def add(self, spec: ToolSpec) -> None:
        phrases = self._usage.of_tool(spec.name)
        texts = tool_texts.fields(spec) | {"usage": "\n".join(phrases)}
        for field, text in texts.items():
            self._text[field].add(self._ids(text))
        self._text["service"].add(self._named)
        self._text["about"].add(self._about)
        blobs = {"name": spec.name, "signature": spec.signature, "operation": tool_texts.operation(spec)}
        for blob, text in blobs.items():
            self._blobs[blob].append(text.encode())
        self._vectors.add(*tool_texts.meant(spec, self._service.title), phrases)
        self._spelling.add(spec.description)
        self._number(spec, self._names(spec), len(phrases))

    def _names(self, spec: ToolSpec) -> int:
        """Keeps the subjects of the tool's name and title; answers the classes of their verbs."""
        terms = self._analyzer.of_words(split(tool_texts.own_name(spec)))
        self._graph.add(terms, spec.effect is Effect.READ, tool_texts.required(spec))
        verbs, subject = self._verbs.of_name(terms, spec.effect)
        self._subject.add([self._vocabulary[term] for term in subject])
        title_verbs, title = self._verbs.of_name(self._analyzer.of_words(split(spec.title)), spec.effect)
        self._title.add([self._vocabulary[term] for term in title])
        return verbs | title_verbs

    def _number(self, spec: ToolSpec, verbs: int, phrases: int) -> None:
        values = (
            EFFECTS.index(spec.effect),
            verbs,
            spec.signature_tokens,
            spec.listing_tokens,
            int(spec.deprecated),
            min(phrases, _PHRASES),
        )
        for column, value in zip(self._numbers.values(), values, strict=True):
            column.append(value)

    def _ids(self, text: str) -> list[int]:
        vocabulary = self._vocabulary
        return [vocabulary.setdefault(term, len(vocabulary)) for term in self._analyzer.terms(text)]

    def arrays(self) -> dict[str, segment.Array]:
        terms = np.array(list(self._vocabulary), dtype=f"S{Analyzer.TERM_BYTES}")
        by_text = np.argsort(terms)
        rank = np.empty_like(by_text)
        rank[by_text] = np.arange(len(by_text))
        found: dict[str, segment.Array] = {"term": terms[by_text]}
        found |= counted(self._text, rank).arrays(len(terms))
        found |= self._vectors.arrays() | self._graph.arrays() | self._spelling.arrays()
        found |= self._subject.arrays("subject", rank) | self._title.arrays("title", rank)
        for name, texts in self._blobs.items():
            found |= _blob(name, texts)
        for name, kind in NUMBERS.items():
            found[name] = np.array(self._numbers[name], dtype=kind)
        found["service"] = np.zeros(len(self._blobs["name"]), np.uint16)
        found["length"] = lengths(self._text)
        return found


def _blob(name: str, texts: Sequence[bytes]) -> dict[str, segment.Array]:
    """`name`: the bytes; `name`.at: where each begins, and the end (uint32)."""
    ends = np.cumsum([0, *map(len, texts)], dtype=np.uint32)
    return {name: np.frombuffer(b"".join(texts), np.uint8), f"{name}.at": ends}
