"""The vectors that lie close to a request, without a look at all of them.

Vectors lie in clusters (k-means on the sphere; an inverted file, Sivic and Zisserman 2003): a search compares the
request with the centres and looks into the nearest few.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection import segment
from trunkline.selection.meaning import Vectors, at_unit_length

Small = NDArray[np.int8]
Numbers = NDArray[np.int64]

_STEP: Final = 127.0
_PER_CLUSTER: Final = 300  # vectors
_SAMPLE_PER_CLUSTER: Final = 60
_ROUNDS: Final = 8
_LOOKED_INTO: Final = 4  # clusters for each row of a request
_AT_ONCE: Final = 8192


def small(vectors: Vectors) -> Small:
    """Unit vectors in a quarter of their memory: 1.0 is 127."""
    return np.rint(vectors * _STEP).astype(np.int8)


def whole(vectors: Small) -> Vectors:
    return vectors.astype(np.float32) / _STEP


class Neighbours:
    """Read access to the vectors that `arrays` wrote as `name`."""

    def __init__(self, found: segment.Segment, name: str) -> None:
        self._vectors: Small = found[name]
        self._centres: Vectors = found[f"{name}.centre"]
        self._members = found[f"{name}.member"]
        self._at = found[f"{name}.at"].astype(np.int64)

    def to(self, rows: Vectors) -> Numbers:
        """Numbers of the vectors in the clusters nearest to each of `rows`; each once."""
        if len(self._centres) <= _LOOKED_INTO:
            return np.arange(len(self._vectors))
        likeness = rows @ self._centres.T
        chosen = np.unique(np.argpartition(likeness, -_LOOKED_INTO, axis=1)[:, -_LOOKED_INTO:])
        return np.concatenate([self._members[self._at[number] : self._at[number + 1]] for number in chosen]).astype(
            np.int64
        )

    def likeness(self, rows: Vectors, numbers: Numbers) -> Vectors:
        """(rows, numbers): cosines, 0 where below."""
        return np.maximum((rows / _STEP) @ self._vectors[numbers].astype(np.float32).T, 0.0)


def arrays(name: str, vectors: Vectors) -> dict[str, segment.Array]:
    """`name`: the vectors; `name`.centre, `name`.member (vector numbers by cluster), `name`.at (where each begins)."""
    centres = _centres(vectors)
    nearest = _nearest(vectors, centres)
    sizes = np.bincount(nearest, minlength=len(centres))
    return {
        name: small(vectors),
        f"{name}.centre": centres,
        f"{name}.member": np.argsort(nearest, kind="stable").astype(np.int32),
        f"{name}.at": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
    }


def _centres(vectors: Vectors) -> Vectors:
    count = max(len(vectors) // _PER_CLUSTER, 1)
    sample = vectors[:: max(len(vectors) // (count * _SAMPLE_PER_CLUSTER), 1)]
    centres = sample[:: max(len(sample) // count, 1)][:count].copy()
    for _ in range(_ROUNDS if len(sample) else 0):
        nearest = _nearest(sample, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, sample)
        moved = at_unit_length(sums)
        kept = np.bincount(nearest, minlength=len(centres)) > 0
        centres[kept] = moved[kept]
    return centres.astype(np.float32)


def _nearest(vectors: Vectors, centres: Vectors) -> Numbers:
    parts = [vectors[start : start + _AT_ONCE] @ centres.T for start in range(0, len(vectors), _AT_ONCE)]
    return np.concatenate([part.argmax(axis=1) for part in parts]) if parts else np.empty(0, np.int64)
