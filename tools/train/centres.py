"""`python -m tools.train.centres CATALOG`: the centres of the clusters that `selection.neighbours` looks into.

k-means on the sphere, over what the tools mean whose descriptions may be learnt from (see `tools.train.corpus`), and
our own phrases. Same catalog and table, same centres. Needs no package beyond those the program runs with.
"""

import argparse
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from tools.train import corpus
from trunkline.catalog.usage import Usage
from trunkline.selection import segment
from trunkline.selection.meaning import Meaning, at_unit_length
from trunkline.selection.neighbours import CENTRES, Centres, Small, small
from trunkline.selection.piece import Indexer

_COUNT = 276  # about 300 of the catalog's vectors each
_SAMPLE = 60  # vectors for each centre
_ROUNDS = 8


def main() -> None:
    parser = argparse.ArgumentParser("python -m tools.train.centres", description=__doc__)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--out", type=Path, default=CENTRES)
    options = parser.parse_args()
    vectors = np.concatenate(list(_vectors(options.catalog)))
    segment.write(options.out, {"centre": trained(vectors)})


def _vectors(catalog: Path) -> Iterator[Small]:
    """Of the tools, service by service, and of all phrases."""
    meaning = Meaning.load()
    indexer = Indexer(meaning, Centres(np.zeros((1, meaning.width), np.int8)))
    for service, tools in groupby(corpus.permissive(catalog), key=lambda each: each[0]):
        yield indexer.piece(service, (spec for _, spec in tools), Usage())["vector"]
    yield small(meaning.embed([phrase for said in Usage.load().tools.values() for phrase in said]))


def trained(vectors: Small, count: int = _COUNT) -> Small:
    """(count, width): the middles of `count` clusters of `vectors`."""
    sample = vectors[:: max(len(vectors) // (count * _SAMPLE), 1)]
    centres = sample[:: max(len(sample) // count, 1)][:count]
    for _ in range(_ROUNDS):
        centres = _moved(centres, sample)
    return centres


def _moved(centres: Small, sample: Small) -> Small:
    """Each centre in the middle of the vectors nearest to it, if it has any."""
    nearest = Centres(centres).nearest(sample)
    by_centre = np.argsort(nearest, kind="stable")
    kept, starts = np.unique(nearest[by_centre], return_index=True)
    sums = np.add.reduceat(sample[by_centre], starts, axis=0, dtype=np.int32)
    moved = centres.copy()
    moved[kept] = small(at_unit_length(sums.astype(np.float32)))
    return moved


if __name__ == "__main__":
    main()
