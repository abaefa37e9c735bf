"""Catalog rows to one index segment (see `segment`).

Relevance is BM25F (Robertson, Zaragoza, Taylor 2004): a term's counts in a tool's fields are weighted, normalized by
the field's length, summed, then saturated once. The whole contribution of a term to a tool is worked out here, so that
a search only adds.
"""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from trunkline.contract import Effect, Plan, Service, ToolSpec
from trunkline.selection import segment
from trunkline.selection.aliases import ServiceNames, find_aliases
from trunkline.selection.verbs import VerbClasses
from trunkline.selection.words import Analyzer, split

FILE: Final = "selection.index"
EFFECTS: Final = tuple(Effect)

# Field: its weight and how much its length counts (0: not at all, 1: fully).
FIELDS: Final[Mapping[str, tuple[float, float]]] = {
    "name": (2.5, 0.6),
    "service": (2.0, 0.6),
    "description": (1.0, 0.6),
    "parameters": (0.8, 0.6),
    "path": (0.5, 0.6),
}
_SATURATION = 1.2  # k1
_DESCRIPTION_LENGTH = 600
_PARAMETER_LENGTH = 80
_PARAMETERS = 40
_HOLE = re.compile(r"\{[^}]*\}")

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class _Text:
    """Terms of one field of all tools, in the order the tools came."""

    def __init__(self) -> None:
        self.terms = array("q")
        self.lengths = array("q")

    def add(self, terms: Sequence[int]) -> None:
        self.terms.extend(terms)
        self.lengths.append(len(terms))


class _Properties(msgspec.Struct, frozen=True):
    properties: dict[str, object] = {}


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
    def __init__(self, services: Iterable[Service]) -> None:
        self.services = {service.id: service for service in services}
        self.order = {name: i for i, name in enumerate(self.services)}
        self.analyzer = Analyzer(remember=True)
        self.verbs = VerbClasses(self.analyzer)
        self.vocabulary: dict[bytes, int] = {}
        self.text = {field: _Text() for field in FIELDS}
        self.subject = _Text()
        self.title = _Text()
        self.blobs = {"name": _Blob(), "signature": _Blob(), "operation": _Blob()}
        self.numbers: dict[str, list[int]] = {
            key: [] for key in ("service", "effect", "verbs", "signature_tokens", "listing_tokens", "deprecated")
        }
        self._service_terms: dict[str, list[int]] = {}

    def add(self, spec: ToolSpec) -> None:
        own_name = spec.name.partition("_")[2] or spec.name
        operation = _operation(spec)
        texts = {
            "name": own_name,
            "description": f"{spec.title}. {spec.description[:_DESCRIPTION_LENGTH]}",
            "parameters": _parameters(spec.input_schema),
            "path": _HOLE.sub(" ", operation),
        }
        for field, text in texts.items():
            self.text[field].add(self._ids(text))
        self.text["service"].add(self._service(spec.service))
        verbs = self._names(own_name, spec)
        for blob, text in {"name": spec.name, "signature": spec.signature, "operation": operation}.items():
            self.blobs[blob].add(text)
        self._number(spec, verbs)

    def _names(self, own_name: str, spec: ToolSpec) -> int:
        """Keeps the subjects of the tool's name and title; answers the classes of their verbs."""
        verbs, subject = self.verbs.of_name(self.analyzer.of_words(split(own_name)), spec.effect)
        self.subject.add([self.vocabulary[term] for term in subject])
        title_verbs, title = self.verbs.of_name(self.analyzer.of_words(split(spec.title)), spec.effect)
        self.title.add([self.vocabulary[term] for term in title])
        return verbs | title_verbs

    def _number(self, spec: ToolSpec, verbs: int) -> None:
        values = (
            self.order[spec.service],
            EFFECTS.index(spec.effect),
            verbs,
            spec.signature_tokens,
            spec.listing_tokens,
            int(spec.deprecated),
        )
        for column, value in zip(self.numbers.values(), values, strict=True):
            column.append(value)

    def _ids(self, text: str) -> list[int]:
        vocabulary = self.vocabulary
        return [vocabulary.setdefault(term, len(vocabulary)) for term in self.analyzer.terms(text)]

    def _service(self, name: str) -> list[int]:
        if name not in self._service_terms:
            service = self.services[name]
            self._service_terms[name] = self._ids(" ".join((service.title, service.id, *service.aliases)))
        return self._service_terms[name]

    def arrays(self) -> dict[str, segment.Array]:
        names = self.blobs["name"].parts
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        terms = np.array(list(self.vocabulary), dtype=f"S{Analyzer.TERM_BYTES}")
        by_text = np.argsort(terms)
        rank = np.empty_like(by_text)
        rank[by_text] = np.arange(len(by_text))
        found = _postings(self.text, rank, _inverse(order))
        found |= _rows("subject", self.subject, rank, order)
        found |= _rows("title", self.title, rank, order)
        for blob, texts in self.blobs.items():
            found |= texts.arrays(blob, order)
        for key, kind in _NUMBERS.items():
            found[key] = np.array(self.numbers[key], dtype=kind)[order]
        found["term"] = terms[by_text]
        found["services"] = self._services(found)
        return found

    def _services(self, found: Mapping[str, segment.Array]) -> segment.Array:
        names = ServiceNames(
            tuple(self.services),
            tuple(service.title for service in self.services.values()),
            tuple(service.category for service in self.services.values()),
            find_aliases(list(self.services.values()), found, self.analyzer),
        )
        return np.frombuffer(msgspec.msgpack.encode(names), np.uint8)


_NUMBERS: Final = {
    "service": np.uint16,
    "effect": np.uint8,
    "verbs": np.uint8,
    "signature_tokens": np.uint16,
    "listing_tokens": np.uint32,
    "deprecated": np.uint8,
}


def build(folder: Path, services: Iterable[Service], specs: Iterable[ToolSpec]) -> None:
    """Write the index of `specs` to `folder`, in one step.

    Every spec's service must be among `services`; names must be unique. Nothing of a spec is kept but its terms, so
    `specs` may be a generator over the whole catalog.
    """
    builder = _Builder(services)
    for spec in specs:
        builder.add(spec)
    segment.write(folder / FILE, builder.arrays())


def _operation(spec: ToolSpec) -> str:
    if isinstance(spec.plan, Plan):
        return f"{spec.plan.method} {spec.plan.path} {spec.operation}"
    return spec.operation


def _parameters(schema: bytes) -> str:
    """Names of the arguments and the beginning of what is said about them."""
    properties = msgspec.json.decode(schema, type=_Properties).properties
    parts: list[str] = []
    for name, described in list(properties.items())[:_PARAMETERS]:
        text = cast("dict[str, object]", described).get("description") if isinstance(described, dict) else None
        parts += (name, text[:_PARAMETER_LENGTH] if isinstance(text, str) else "")
    return " ".join(parts)


def _inverse(order: Ints) -> Ints:
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse


def _rows(name: str, text: _Text, rank: Ints, order: Ints) -> dict[str, segment.Array]:
    """Terms by tool: `name` (term ids) and `name`.at (where each tool's begin, and the end)."""
    terms = rank[np.frombuffer(text.terms, np.int64)] if text.terms else np.empty(0, np.int64)
    lengths = np.frombuffer(text.lengths, np.int64)
    starts = np.cumsum(lengths) - lengths
    pieces = [terms[starts[i] : starts[i] + lengths[i]] for i in order]
    ends = np.concatenate([[0], np.cumsum(lengths[order])])
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
    return {name: flat.astype(np.int32), f"{name}.at": ends.astype(np.uint32)}


def _postings(text: Mapping[str, _Text], rank: Ints, place: Ints) -> dict[str, segment.Array]:
    """Tools by term: `tool` and `weight` (a term's whole contribution to a tool), `tool.at`, `idf`."""
    count = len(place)
    keys: list[Ints] = []
    values: list[Floats] = []
    for field, (weight, flatness) in FIELDS.items():
        key, frequency = _frequencies(text[field], rank, place)
        lengths = np.zeros(count, np.float32)
        lengths[place] = np.frombuffer(text[field].lengths, np.int64)
        mean = max(float(lengths.mean()), 1e-6) if count else 1.0
        norm = 1 - flatness + flatness * lengths / mean
        keys.append(key)
        values.append((weight * frequency / norm[key % max(count, 1)]).astype(np.float32))
    key, where = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.bincount(where, np.concatenate(values)).astype(np.float32)
    term, tool = key // max(count, 1), key % max(count, 1)
    known = np.bincount(term, minlength=len(rank))
    idf = np.log1p((count - known + 0.5) / (known + 0.5)).astype(np.float32)
    return {
        "tool": tool.astype(np.int32),
        "weight": (idf[term] * total * (1 + _SATURATION) / (total + _SATURATION)).astype(np.float16),
        "tool.at": np.concatenate([[0], np.cumsum(known)]).astype(np.int64),
        "idf": idf,
    }


def _frequencies(text: _Text, rank: Ints, place: Ints) -> tuple[Ints, Ints]:
    """(term * tools + tool, how often), sorted by term, then tool."""
    terms = rank[np.frombuffer(text.terms, np.int64)] if text.terms else np.empty(0, np.int64)
    tools = np.repeat(place, np.frombuffer(text.lengths, np.int64))
    return np.unique(terms * max(len(place), 1) + tools, return_counts=True)
