"""What a text means, as a vector: texts that mean the same lie close, whatever their words.

A text is the sum of its pieces' rows of one trained table, at unit length (`make train` makes the table, see
docs/selection.md). The pieces' rarity is part of the rows.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.pieces import Pieces
from trunkline.selection.segment import Segment

TABLE: Final = Path(__file__).with_name("table.segment")
Vectors = NDArray[np.float32]


class Meaning:
    """Read only. The table is mapped, so only the rows that occur take memory."""

    def __init__(self, table: Segment) -> None:
        words = table["pieces"].tobytes().decode().split("\n")
        self._pieces = Pieces({word: number for number, word in enumerate(words)})
        self.words = tuple(word for word in words if word.isalpha())  # whole ones
        self._rows = table["rows"]  # int8
        self._scale = table["scale"]  # of each row, float32

    @staticmethod
    def load(path: Path = TABLE) -> "Meaning":
        return Meaning(Segment.open(path))

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return int(self._rows.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(texts, width), each of unit length, or 0 where a text has no piece."""
        cut = [self._pieces.of_text(text) for text in texts]
        sizes = [len(pieces) for pieces in cut]
        flat = np.fromiter((piece for pieces in cut for piece in pieces), np.int64, sum(sizes))
        rows = self._rows[flat] * self._scale[flat, None]
        vectors = np.zeros((len(texts), self.width), np.float32)
        filled = [number for number, size in enumerate(sizes) if size]
        if filled:
            starts = np.cumsum([0, *sizes])[filled]
            vectors[filled] = np.add.reduceat(rows, starts, axis=0)
        return at_unit_length(vectors)


def at_unit_length(vectors: Vectors) -> Vectors:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return vectors / np.maximum(lengths, 1e-6)[:, None]
