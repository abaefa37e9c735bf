"""Catalog rows to one index segment (see `segment`)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from trunkline.catalog.usage import Usage
from trunkline.contract import Effect, Service, ToolSpec
from trunkline.selection import segment, tool_texts
from trunkline.selection.aliases import ServiceNames, Spelling, find_aliases
from trunkline.selection.graph import Graph
from trunkline.selection.layout import EFFECTS, FILE
from trunkline.selection.meaning import Meaning
from trunkline.selection.neighbours import small
from trunkline.selection.postings import FIELDS, Ints, Text, inverse, postings, rows
from trunkline.selection.vectors import ToolVectors
from trunkline.selection.verbs import VerbClasses
from trunkline.selection.words import Analyzer, split

_NOTHING_SAID: Final = Usage()


class _Blob:
    """Texts, one after the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def add(self, text: str) -> None:
        self.parts.append(text.encode())

    def arrays(self, name: str, order: Ints) -> dict[str, segment.Array]:
        """`name`: the bytes; `name`.at: where each begins, and the end (uint32)."""
        numbers: list[int] = order.tolist()
        parts = [self.parts[number] for number in numbers]
        ends = np.cumsum([0, *(len(part) for part in parts)], dtype=np.uint32)
        return {name: np.frombuffer(b"".join(parts), np.uint8), f"{name}.at": ends}


class _Builder:
    def __init__(self, services: Iterable[Service], usage: Usage, meaning: Meaning) -> None:
        self.usage = usage
        self.meaning = meaning
        self.vectors = ToolVectors(meaning)
        self.services = {service.id: service for service in services}
        self.spelling = Spelling(self.services.values())
        self.order = {name: i for i, name in enumerate(self.services)}
        self.analyzer = Analyzer()
        self.verbs = VerbClasses(self.analyzer)
        self.graph = Graph(self.analyzer)
        self.vocabulary: dict[bytes, int] = {}
        self.text = {field: Text() for field in FIELDS}
        self.subject = Text()
        self.title = Text()
        self.blobs = {"name": _Blob(), "signature": _Blob(), "operation": _Blob()}
        self.numbers: dict[str, list[int]] = {
            key: []
            for key in ("service", "effect", "verbs", "signature_tokens", "listing_tokens", "deprecated", "phrases")
        }
        self._service_terms: dict[str, dict[str, list[int]]] = {}

    def add(self, spec: ToolSpec) -> None:
        phrases = self.usage.of_tool(spec.name)
        texts = tool_texts.fields(spec) | {"usage": "\n".join(phrases)}
        for field, text in texts.items():
            self.text[field].add(self._ids(text))
        self.text["service"].add(self._service(spec.service, "service"))
        self.text["about"].add(self._service(spec.service, "about"))
        blobs = {"name": spec.name, "signature": spec.signature, "operation": tool_texts.operation(spec)}
        for blob, text in blobs.items():
            self.blobs[blob].add(text)
        self.vectors.add(*tool_texts.meant(spec, self.services[spec.service].title), phrases)
        self.spelling.add(spec.description)
        self._number(spec, self._names(spec), len(phrases))

    def _names(self, spec: ToolSpec) -> int:
        """Keeps the subjects of the tool's name and title; answers the classes of their verbs."""
        own_name = tool_texts.own_name(spec)
        terms = self.analyzer.of_words(split(own_name))
        self.graph.add(self.order[spec.service], terms, spec.effect is Effect.READ, tool_texts.required(spec))
        verbs, subject = self.verbs.of_name(terms, spec.effect)
        self.subject.add([self.vocabulary[term] for term in subject])
        title_verbs, title = self.verbs.of_name(self.analyzer.of_words(split(spec.title)), spec.effect)
        self.title.add([self.vocabulary[term] for term in title])
        return verbs | title_verbs

    def _number(self, spec: ToolSpec, verbs: int, phrases: int) -> None:
        values = (
            self.order[spec.service],
            EFFECTS.index(spec.effect),
            verbs,
            spec.signature_tokens,
            spec.listing_tokens,
            int(spec.deprecated),
            min(phrases, 255),
        )
        for column, value in zip(self.numbers.values(), values, strict=True):
            column.append(value)

    def _ids(self, text: str) -> list[int]:
        vocabulary = self.vocabulary
        return [vocabulary.setdefault(term, len(vocabulary)) for term in self.analyzer.terms(text)]

    def _service(self, name: str, field: str) -> list[int]:
        if name not in self._service_terms:
            service = self.services[name]
            named = " ".join((service.title, service.id, *service.aliases))
            about = "\n".join(self.usage.of_service(name))
            self._service_terms[name] = {"service": self._ids(named), "about": self._ids(about)}
        return self._service_terms[name][field]

    def arrays(self) -> dict[str, segment.Array]:
        names = self.blobs["name"].parts
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        terms = np.array(list(self.vocabulary), dtype=f"S{Analyzer.TERM_BYTES}")
        by_text = np.argsort(terms)
        rank = np.empty_like(by_text)
        rank[by_text] = np.arange(len(by_text))
        place = inverse(order)
        found = postings(self.text, rank, place)
        found |= self.vectors.arrays(order, place)
        found |= self.graph.arrays(order, place)
        found["service.vector"] = self._service_vectors()
        found |= rows("subject", self.subject, rank, order)
        found |= rows("title", self.title, rank, order)
        for blob, texts in self.blobs.items():
            found |= texts.arrays(blob, order)
        for key, kind in _NUMBERS.items():
            found[key] = np.array(self.numbers[key], dtype=kind)[order]
        found["term"] = terms[by_text]
        found["services"] = self._services(found)
        return found

    def _service_vectors(self) -> segment.Array:
        """What each service is for, by number."""
        texts = [
            "\n".join((each.title, each.summary, *self.usage.of_service(each.id))) for each in self.services.values()
        ]
        return small(self.meaning.embed(texts))

    def _services(self, found: Mapping[str, segment.Array]) -> segment.Array:
        names = ServiceNames(
            tuple(self.services),
            tuple(service.title for service in self.services.values()),
            tuple(service.category for service in self.services.values()),
            find_aliases(list(self.services.values()), found, self.analyzer, self.spelling),
        )
        return np.frombuffer(msgspec.msgpack.encode(names), np.uint8)


_NUMBERS: Final = {
    "service": np.uint16,
    "effect": np.uint8,
    "verbs": np.uint8,
    "signature_tokens": np.uint16,
    "listing_tokens": np.uint32,
    "deprecated": np.uint8,
    "phrases": np.uint8,
}


def build(folder: Path, services: Iterable[Service], specs: Iterable[ToolSpec], usage: Usage = _NOTHING_SAID) -> None:
    """Write the index of `specs` to `folder`, in one step. `usage` is how people ask for them.

    Every spec's service must be among `services`; names must be unique. Nothing of a spec is kept but its terms, so
    `specs` may be a generator over the whole catalog.
    """
    builder = _Builder(services, usage, Meaning.load())
    for spec in specs:
        builder.add(spec)
    segment.write(folder / FILE, builder.arrays())
