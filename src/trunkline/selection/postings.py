"""Terms by tool and tools by term: the lexical half of the index.

Relevance is BM25F (Robertson, Zaragoza, Taylor 2004): a term's counts in a tool's fields are weighted, normalized by
the field's length, summed, then saturated once. The whole contribution of a term to a tool is worked out here, in a
byte (as impact-ordered indexes have it: Anh, Moffat 2006), so that a search only adds.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
_SATURATION: Final = 1.2  # k1
_STEPS: Final = 255
_COUNTED: Final = 8  # fields at most, for the counts of a posting are kept as one number of 64 bits
_MOST: Final = 255

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

    def renumbered(self, rank: Ints) -> Ints:
        """The terms by their numbers in `rank`."""
        return rank[np.frombuffer(self.terms, np.int64)] if self.terms else np.empty(0, np.int64)

    def arrays(self, name: str, rank: Ints) -> dict[str, segment.Array]:
        """Terms by tool: `name` (int32) and `name`.at (where each tool's begin, and the end; uint32)."""
        ends = np.cumsum([0, *self.lengths], dtype=np.uint32)
        return {name: self.renumbered(rank).astype(np.int32), f"{name}.at": ends}


@dataclass(frozen=True, slots=True)
class Postings:
    """Each term of each tool, sorted by term, then tool. `counts` are rows of FIELDS, `row` those of each posting."""

    term: Ints
    tool: Ints
    row: Ints
    counts: NDArray[np.uint64]  # the counts of a row, a byte for each field

    def arrays(self, terms: int) -> dict[str, segment.Array]:
        """`tool` by term, `tool.at` (where each term's begin, and the end), `counts` and `counts.row`."""
        known = np.bincount(self.term, minlength=terms)
        return {
            "tool": self.tool.astype(np.int32),
            "tool.at": np.concatenate([[0], np.cumsum(known)]).astype(np.int64),
            "counts": self.counts,
            "counts.row": self.row.astype(np.min_scalar_type(len(self.counts))),
        }


def counted(text: Mapping[str, Text], rank: Ints) -> Postings:
    """The postings of tools whose fields are `text`; `rank` are the numbers of the terms."""
    tools = len(next(iter(text.values())).lengths)
    keys: list[Ints] = []
    for number, field in enumerate(FIELDS):
        owners = np.repeat(np.arange(tools), np.frombuffer(text[field].lengths, np.int64))
        keys.append((text[field].renumbered(rank) * tools + owners) * _COUNTED + number)
    key, count = np.unique(np.concatenate(keys), return_counts=True)
    place, posting = np.unique(key // _COUNTED, return_inverse=True)
    rows = np.zeros((len(place), _COUNTED), np.uint8)
    rows[posting, key % _COUNTED] = np.minimum(count, _MOST)
    counts, row = np.unique(rows.view("<u8").ravel(), return_inverse=True)
    return Postings(place // max(tools, 1), place % max(tools, 1), row, counts)


def lengths(text: Mapping[str, Text]) -> NDArray[np.uint16]:
    """(tools, fields): terms of each field."""
    return np.stack([np.frombuffer(text[field].lengths, np.int64) for field in FIELDS], axis=1).astype(np.uint16)


def weights(found: Postings, terms: int, lengths: NDArray[np.uint16]) -> dict[str, segment.Array]:
    """`idf` of each term, `weight` of each posting, the term's contribution to the tool in steps of `weight.scale`."""
    known = np.bincount(found.term, minlength=terms)
    idf = np.log1p((len(lengths) - known + 0.5) / (known + 0.5)).astype(np.float32)
    total = _normalized(found, lengths)
    share = total * np.float32(1 + _SATURATION) / (total + np.float32(_SATURATION))
    small, scale = _small((idf[found.term] * share).astype(np.float32), known)
    return {"idf": idf, "weight": small, "weight.scale": scale}


def _small(weights: Floats, known: Ints) -> tuple[NDArray[np.uint8], Floats]:
    """Weights in steps of a 255th of their term's greatest, at least one; and each term's step."""
    starts = np.cumsum(known) - known
    most = np.maximum.reduceat(weights, starts) if len(weights) else np.empty(0, np.float32)
    scale = (most / _STEPS).astype(np.float32)
    return np.maximum(np.rint(weights / np.repeat(scale, known)), 1).astype(np.uint8), scale


def _normalized(found: Postings, lengths: NDArray[np.uint16]) -> Floats:
    counts = found.counts.view(np.uint8).reshape(-1, _COUNTED).astype(np.float32)
    weighed = counts[:, : len(FIELDS)] * np.array([weight for weight, _ in FIELDS.values()], np.float32)
    flat = [number for number, (_, flatness) in enumerate(FIELDS.values()) if not flatness]
    total = weighed[:, flat].sum(axis=1)[found.row]
    for number, (_, flatness) in enumerate(FIELDS.values()):
        if flatness:
            said = np.flatnonzero((counts[:, number] > 0)[found.row])
            norm = _norm(lengths[:, number], flatness)
            total[said] += weighed[:, number][found.row[said]] / norm[found.tool[said]]
    return total


def _norm(lengths: NDArray[np.uint16], flatness: float) -> Floats:
    """What the field of each tool is divided by: more where it is longer than most."""
    mean = float(lengths.sum(dtype=np.int64)) / max(len(lengths), 1)
    return (1 - flatness + flatness * lengths.astype(np.float32) / max(mean, 1e-6)).astype(np.float32)
