"""The vectors of tools that lie close to a request, without a look at all of them.

Vectors lie in clusters (k-means on the sphere; an inverted file, Sivic and Zisserman 2003): a search compares the
request with the centres and looks into the nearest few. The vectors of one cluster stand together, so looking into it
reads memory in order.
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
_LOOKED_INTO: Final = 2  # clusters for each row of a request
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
        self._owners: NDArray[np.int32] = found[f"{name}.tool"]
        self._centres: Vectors = found[f"{name}.centre"]
        self._at: list[int] = found[f"{name}.at"].tolist()
        self._of = found[f"{name}.of"]
        self._of_at = found[f"{name}.of.at"]
        self._one_each = bool((self._of_at == np.arange(len(self._of_at))).all())
        largest = sum(sorted(map(len, map(range, self._at, self._at[1:])))[-_LOOKED_INTO:])
        self._block = np.empty((largest, self._vectors.shape[1]), np.float32)

    def near(self, row: Vectors) -> tuple[NDArray[np.int32], Vectors]:
        """Owners and cosines of the vectors in the clusters nearest to `row`; an owner may be there several times."""
        spans = self._spans(row)
        owners = np.concatenate([self._owners[start:end] for start, end in spans])
        size = 0
        for start, end in spans:
            self._block[size : size + end - start] = self._vectors[start:end]
            size += end - start
        return owners, _cosines(row, self._block[:size])

    def _spans(self, row: Vectors) -> list[tuple[int, int]]:
        if len(self._centres) <= _LOOKED_INTO:
            return [(0, len(self._vectors))]
        nearest: list[int] = np.argpartition(self._centres @ row, -_LOOKED_INTO)[-_LOOKED_INTO:].tolist()
        return [(self._at[number], self._at[number + 1]) for number in nearest]

    def closest(self, rows: Vectors, tools: Numbers) -> Vectors:
        """(rows, tools): the cosine of each tool's closest vector, 0 for a tool without and where it is below."""
        if self._one_each:
            each = self._whole(self._of[tools])
            return np.maximum([_cosines(row, each) for row in rows], 0.0)
        starts = self._of_at[tools].astype(np.int64)
        sizes = self._of_at[tools + 1] - starts
        spoken = sizes.nonzero()[0]
        scores = np.zeros((len(rows), len(tools)), np.float32)
        if len(spoken):
            offsets = np.cumsum(sizes) - sizes
            places = np.repeat(starts - offsets, sizes) + np.arange(int(sizes.sum()))
            found = self._whole(self._of[places])
            for number, row in enumerate(rows):
                scores[number, spoken] = np.maximum.reduceat(_cosines(row, found), offsets[spoken])
        return np.maximum(scores, 0.0)

    def _whole(self, places: NDArray[np.int32]) -> Vectors:
        return self._vectors.take(places, axis=0).astype(np.float32)


def _cosines(row: Vectors, vectors: Vectors) -> Vectors:
    """Of vectors as they are kept, 127 long."""
    found: Vectors = vectors @ row
    return found / _STEP


def by_tool(name: str, vectors: Small, owners: Numbers, tools: int) -> dict[str, segment.Array]:
    """`vectors`, sorted by their `owners`, as a piece has them: `name`, `name`.of and `name`.of.at (see `arrays`)."""
    ends = np.searchsorted(owners, np.arange(tools + 1))
    return {
        name: vectors,
        f"{name}.of": np.arange(len(vectors), dtype=np.int32),
        f"{name}.of.at": ends.astype(np.uint32),
    }


def arrays(name: str, vectors: Small, owners: Numbers, tools: int) -> dict[str, segment.Array]:
    """The vectors as `Neighbours` reads them; `owners` are the numbers of the tools they belong to, below `tools`.

    `name`: the vectors by cluster; `name`.centre; `name`.at: where each cluster begins, and the end; `name`.tool: their
    owners; `name`.of: places of vectors by owner, and `name`.of.at: where each tool's begin, and the end.
    """
    centres = _centres(vectors)
    nearest = _nearest(vectors, centres)
    order = np.argsort(nearest, kind="stable")
    sizes = np.bincount(nearest, minlength=len(centres))
    owners = owners[order]
    return {
        name: vectors[order],
        f"{name}.centre": centres,
        f"{name}.at": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        f"{name}.tool": owners.astype(np.int32),
        f"{name}.of": np.argsort(owners, kind="stable").astype(np.int32),
        f"{name}.of.at": np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=tools))]).astype(np.uint32),
    }


def _centres(vectors: Small) -> Vectors:
    count = max(len(vectors) // _PER_CLUSTER, 1)
    sample = vectors[:: max(len(vectors) // (count * _SAMPLE_PER_CLUSTER), 1)]
    centres = whole(sample[:: max(len(sample) // count, 1)][:count])
    for _ in range(_ROUNDS if len(sample) else 0):
        _move(centres, sample, _nearest(sample, centres))
    return centres


def _move(centres: Vectors, sample: Small, nearest: Numbers) -> None:
    """Each centre to the middle of the vectors nearest to it, if it has any."""
    by_centre = np.argsort(nearest, kind="stable")
    kept, starts = np.unique(nearest[by_centre], return_index=True)
    sums = np.add.reduceat(sample[by_centre], starts, axis=0, dtype=np.int32)
    centres[kept] = at_unit_length(sums.astype(np.float32))


def _nearest(vectors: Small, centres: Vectors) -> Numbers:
    """The number of the centre nearest to each vector."""
    parts = [
        (vectors[start : start + _AT_ONCE].astype(np.float32) @ centres.T).argmax(axis=1)
        for start in range(0, len(vectors), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
