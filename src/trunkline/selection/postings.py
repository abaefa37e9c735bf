"""Terms by tool and tools by term: the lexical half of the index.

Relevance is BM25F (Robertson, Zaragoza, Taylor 2004): a term's counts in a tool's fields are weighted, normalized by
the field's length, summed, then saturated once. The whole contribution of a term to a tool is worked out here, in a
byte (as impact-ordered indexes have it: Anh, Moffat 2006), so that a search only adds.
"""

from array import array
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection import segment

# Field: its weight and how much its length counts (0: not at all, 1: fully).
FIELDS: Final[Mapping[str, tuple[float, float]]] = {
    "name": (2.5, 0.6),
    "service": (2.0, 0.6),
    "description": (1.0, 0.6),
    "parameters": (0.8, 0.6),
    "path": (0.5, 0.6),
    "usage": (1.5, 0.0),
    "about": (0.5, 0.0),
}
_SATURATION = 1.2  # k1
_STEPS = 255

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class Text:
    """Terms of one field of all tools, in the order the tools came."""

    def __init__(self) -> None:
        self.terms = array("q")
        self.lengths = array("q")

    def add(self, terms: Sequence[int]) -> None:
        self.terms.extend(terms)
        self.lengths.append(len(terms))


def inverse(order: Ints) -> Ints:
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse


def rows(name: str, text: Text, rank: Ints, order: Ints) -> dict[str, segment.Array]:
    """Terms by tool: `name` (term ids) and `name`.at (where each tool's begin, and the end)."""
    terms = rank[np.frombuffer(text.terms, np.int64)] if text.terms else np.empty(0, np.int64)
    lengths = np.frombuffer(text.lengths, np.int64)
    starts = np.cumsum(lengths) - lengths
    pieces = [terms[starts[i] : starts[i] + lengths[i]] for i in order]
    ends = np.concatenate([[0], np.cumsum(lengths[order])])
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
    return {name: flat.astype(np.int32), f"{name}.at": ends.astype(np.uint32)}


def postings(text: Mapping[str, Text], rank: Ints, place: Ints) -> dict[str, segment.Array]:
    """Tools by term: `tool`, `tool.at` and `weight`, a term's contribution in steps of its `weight.scale`; `idf`."""
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
    at = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
    small, scale = _small((idf[term] * total * (1 + _SATURATION) / (total + _SATURATION)).astype(np.float32), at)
    return {"tool": tool.astype(np.int32), "weight": small, "weight.scale": scale, "tool.at": at, "idf": idf}


def _small(weights: Floats, at: Ints) -> tuple[NDArray[np.uint8], Floats]:
    """Weights in steps of a 255th of their term's greatest, at least one; and each term's step."""
    most = np.maximum.reduceat(weights, at[:-1]) if len(weights) else np.empty(0, np.float32)
    scale = (most / _STEPS).astype(np.float32)
    steps = np.rint(weights / np.repeat(scale, np.diff(at)))
    return np.maximum(steps, 1).astype(np.uint8), scale


def _frequencies(text: Text, rank: Ints, place: Ints) -> tuple[Ints, Ints]:
    """(term * tools + tool, how often), sorted by term, then tool."""
    terms = rank[np.frombuffer(text.terms, np.int64)] if text.terms else np.empty(0, np.int64)
    tools = np.repeat(place, np.frombuffer(text.lengths, np.int64))
    return np.unique(terms * max(len(place), 1) + tools, return_counts=True)
