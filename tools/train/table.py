"""Writes the trained table as `selection.meaning` maps it: a row of int8 and a scale per piece."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tools.train.learn import Bags, Floats
from trunkline.selection import segment
from trunkline.selection.meaning import at_unit_length


def turned(table: Floats, texts: Bags) -> Floats:
    """`table`, rotated: the leading numbers hold what `texts` differ in most. Likenesses stay the same."""
    vectors = at_unit_length(texts @ table)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return table @ axes[:, ::-1]


def write(path: Path, pieces: Sequence[str], table: Floats) -> None:
    scale = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    arrays = {
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8),
        "rows": np.rint(table / scale[:, None]).astype(np.int8),
        "scale": scale.astype(np.float32),
    }
    segment.write(path, arrays)
