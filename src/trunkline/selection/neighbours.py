"""The vectors of tools that lie close to a request, without a look at all of them.

Vectors lie in clusters (an inverted file, Sivic and Zisserman 2003): a search compares the request with the centres and
looks into the nearest few. The vectors of one cluster stand together, so looking into it reads memory in order. The
centres are trained (`make train`) and the same for every catalog: where a vector belongs, no other has a say in.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection import segment
from trunkline.selection.meaning import Vectors

Small = NDArray[np.int8]
Numbers = NDArray[np.int64]

CENTRES: Final = Path(__file__).with_name("centres.segment")
_STEP: Final = 127.0
_LOOKED_AT: Final = 500  # vectors at least, in the clusters nearest to a row of a request
_FEW: Final = 2_000  # so many vectors are all looked at
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
        self._centres = found["centre"].astype(np.float32)
        self._at: list[int] = found[f"{name}.at"].tolist()
        self._sizes = np.diff(self._at)
        self._of = found[f"{name}.of"]
        self._of_at = found[f"{name}.of.at"]
        self._one_each = bool((self._of_at == np.arange(len(self._of_at))).all())
        most = max(_FEW, _LOOKED_AT + int(self._sizes.max()))
        self._block = np.empty((most, self._vectors.shape[1]), np.float32)

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
        if len(self._vectors) <= _FEW:
            return [(0, len(self._vectors))]
        nearest = (self._centres @ -row).argsort()
        enough = int(self._sizes[nearest].cumsum().searchsorted(_LOOKED_AT)) + 1
        return [(self._at[number], self._at[number + 1]) for number in nearest[:enough].tolist()]

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


class Centres:
    """The middles of the clusters, as they were trained. Read only."""

    def __init__(self, centres: Small) -> None:
        self.small = centres
        self._turned = centres.T.astype(np.float32)

    @staticmethod
    def load(path: Path = CENTRES) -> "Centres":
        return Centres(segment.Segment.open(path)["centre"])

    def arrays(self, name: str, vectors: Small, owners: Numbers, tools: int) -> dict[str, segment.Array]:
        """`vectors`, each in the cluster whose centre is nearest, as `clustered` has them."""
        return clustered(name, vectors, owners, self.nearest(vectors), tools, len(self.small))

    def nearest(self, vectors: Small) -> Numbers:
        """The number of the centre nearest to each vector.

        Whole numbers this small have an exact sum as floats, so it is the same number in whatever company.
        """
        parts = [
            (vectors[start : start + _AT_ONCE].astype(np.float32) @ self._turned).argmax(axis=1)
            for start in range(0, len(vectors), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)


def clustered(
    name: str, vectors: Small, owners: Numbers, clusters: Numbers, tools: int, count: int
) -> dict[str, segment.Array]:
    """The vectors as `Neighbours` reads them; `owners` are the numbers of the tools they belong to, below `tools`.

    `clusters` says where each belongs, below `count`. `name`: the vectors by cluster; `name`.at: where each cluster
    begins, and the end; `name`.tool: their owners; `name`.of: places of vectors by owner, and `name`.of.at: where each
    tool's begin, and the end.
    """
    order = np.argsort(clusters.astype(np.uint16), kind="stable")
    owners = owners[order]
    return {
        name: vectors[order],
        f"{name}.at": _ends(clusters, count).astype(np.int32),
        f"{name}.tool": owners.astype(np.int32),
        f"{name}.of": np.argsort(owners, kind="stable").astype(np.int32),
        f"{name}.of.at": _ends(owners, tools).astype(np.uint32),
    }


def clusters(found: segment.Segment, name: str) -> Numbers:
    """The cluster of each of the vectors that `clustered` wrote as `name`."""
    sizes = np.diff(found[f"{name}.at"])
    return np.repeat(np.arange(len(sizes)), sizes)


def _ends(numbers: Numbers, count: int) -> Numbers:
    """Where each of 0 .. `count` begins among the sorted `numbers`, and the end."""
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))])
