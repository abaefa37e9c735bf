"""What several segments hold of some services, put together: in the order of the services, with numbers of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from trunkline.selection import neighbours
from trunkline.selection.piece import BLOBS, NUMBERS
from trunkline.selection.postings import Ints, Postings
from trunkline.selection.segment import Array, Segment

_BY_TOOL: Final = (*NUMBERS, "length")
_VECTORS: Final = ("vector", "phrase.vector")
_OF_TERMS: Final = ("subject", "title")


class Place(NamedTuple):
    """Where a service is: in a segment, by number."""

    segment: Segment
    number: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Services that follow one another in a segment and in the whole, and their tools.

    `start` is the number of the first of them in the whole.
    """

    segment: Segment
    services: slice
    tools: slice
    start: int

    @property
    def size(self) -> int:
        return self.tools.stop - self.tools.start

    def renumbered(self, tools: Array) -> Array:
        """`tools` of this run by their numbers in the whole; -1 is none."""
        return np.where(tools < 0, tools, tools + np.int32(self.start - self.tools.start))

    def values(self, name: str, rows: slice, at: str = "") -> Array:
        """What the `rows` of `name` hold, one after the other; `at` says where each begins, by default `name`.at."""
        first, end = self.segment[at or f"{name}.at"][[rows.start, rows.stop]].tolist()
        return self.segment[name][first:end]

    def sizes(self, name: str, rows: slice) -> Array:
        """How much each of the `rows` of `name` holds."""
        return np.diff(self.segment[f"{name}.at"][rows.start : rows.stop + 1])


def join(places: Sequence[Place]) -> tuple[dict[str, Array], Postings]:
    """All arrays of an index that pieces have too, and its postings, of the services at `places`."""
    runs = list(_runs(places))
    parts = {id(run.segment): run.segment for run in runs}
    united, numbers = _united([part["term"] for part in parts.values()])
    moved = _moved(parts, runs)
    found = _sorted(
        [_postings(part, terms, moved[key]) for (key, part), terms in zip(parts.items(), numbers, strict=True)],
        sum(run.size for run in runs),
    )
    used, rank = _used(found.term, len(united))
    found = Postings(rank[found.term], found.tool, found.row, found.counts)
    terms = {key: rank[each].astype(np.int32) for key, each in zip(parts, numbers, strict=True)}
    arrays = {"term": united[used], **_of_tools(runs), **_of_services(runs)}
    for name in _VECTORS:
        arrays |= _vectors(name, runs, len(arrays["service"]))
    for name in _OF_TERMS:
        arrays[name] = np.concatenate([terms[id(run.segment)][run.values(name, run.tools)] for run in runs])
    return arrays | found.arrays(len(arrays["term"])), found


def _runs(places: Sequence[Place]) -> Iterator[_Run]:
    starts = {key: _starts(part) for key, part in {id(place.segment): place.segment for place in places}.items()}
    start = 0
    for segment, services in _spans(places):
        tools = slice(*starts[id(segment)][[services.start, services.stop]].tolist())
        run = _Run(segment, services, tools, start)
        start += run.size
        yield run


def _spans(places: Sequence[Place]) -> Iterator[tuple[Segment, slice]]:
    """(segment, services that follow one another in it)."""
    first = 0
    for number, (segment, last) in enumerate(places):
        if number + 1 == len(places) or places[number + 1] != (segment, last + 1):
            yield segment, slice(places[first].number, last + 1)
            first = number + 1


def _starts(part: Segment) -> Ints:
    """The first tool of each service of `part`, and the end."""
    return np.searchsorted(part["service"], np.arange(len(part["service.vector"]) + 1))


def _united(lists: Sequence[Array]) -> tuple[Array, list[Ints]]:
    """All that is in the `lists`, sorted, each once; and the places of each list's among it."""
    united, numbers = np.unique(np.concatenate(lists), return_inverse=True)
    return united, np.split(numbers, np.cumsum([len(each) for each in lists])[:-1])


def _used(numbers: Ints, count: int) -> tuple[Array, Ints]:
    """Which of 0 .. `count` occur among `numbers`, and what their numbers are without the others."""
    used = np.bincount(numbers, minlength=count) > 0
    return used, np.cumsum(used) - 1


def _moved(parts: Mapping[int, Segment], runs: Sequence[_Run]) -> dict[int, Ints]:
    """The number in the whole of each tool of each segment; -1 where it is not wanted."""
    moved = {key: np.full(len(part["service"]), -1) for key, part in parts.items()}
    for run in runs:
        moved[id(run.segment)][run.tools] = np.arange(run.start, run.start + run.size)
    return moved


def _postings(part: Segment, terms: Ints, tools: Ints) -> Postings:
    """Those of `part`, with numbers of the whole."""
    tool = tools[part["tool"]]
    kept = tool >= 0
    term = np.repeat(terms, np.diff(part["tool.at"]))
    return Postings(term[kept], tool[kept], part["counts.row"][kept].astype(np.int64), part["counts"])


def _sorted(found: Sequence[Postings], tools: int) -> Postings:
    """All of `found`, of `tools` in all, with those rows of counts that occur."""
    counts, numbers = _united([each.counts for each in found])
    term, tool = np.concatenate([each.term for each in found]), np.concatenate([each.tool for each in found])
    row = np.concatenate([number[each.row] for each, number in zip(found, numbers, strict=True)])
    used, rank = _used(row, len(counts))
    order = np.argsort(term * tools + tool, kind="stable")  # that kind makes use of what is sorted in parts
    return Postings(term[order], tool[order], rank[row[order]], counts[used])


def _of_tools(runs: Sequence[_Run]) -> dict[str, Array]:
    found = {name: np.concatenate([run.segment[name][run.tools] for run in runs]) for name in _BY_TOOL}
    for name in BLOBS:
        found[name] = np.concatenate([run.values(name, run.tools) for run in runs])
    for name in (*BLOBS, *_OF_TERMS):
        found[f"{name}.at"] = _ends([run.sizes(name, run.tools) for run in runs])
    found["needs"] = np.concatenate([run.renumbered(run.segment["needs"][run.tools]) for run in runs])
    return found


def _of_services(runs: Sequence[_Run]) -> dict[str, Array]:
    sizes = np.concatenate([np.diff(_starts(run.segment))[run.services] for run in runs])
    return {
        "service": np.repeat(np.arange(len(sizes)), sizes).astype(np.uint16),
        "service.vector": np.concatenate([run.segment["service.vector"][run.services] for run in runs]),
        "word": np.concatenate([run.values("word", run.services) for run in runs]),
        "word.seen": np.concatenate([run.values("word.seen", run.services, "word.at") for run in runs]),
        "word.at": _ends([run.sizes("word", run.services) for run in runs]),
    }


def _vectors(name: str, runs: Sequence[_Run], tools: int) -> dict[str, Array]:
    of = {id(run.segment): neighbours.clusters(run.segment, name) for run in runs}
    places = [run.values(f"{name}.of", run.tools) for run in runs]
    found = [run.segment[name].take(place, axis=0) for run, place in zip(runs, places, strict=True)]
    clusters = [of[id(run.segment)][place] for run, place in zip(runs, places, strict=True)]
    sizes = np.concatenate([run.sizes(f"{name}.of", run.tools) for run in runs])
    owners = np.repeat(np.arange(tools), sizes)
    count = len(runs[0].segment[f"{name}.at"]) - 1
    return neighbours.clustered(name, np.concatenate(found), owners, np.concatenate(clusters), tools, count)


def _ends(sizes: Sequence[Array]) -> Array:
    """Where each begins, and the end (uint32)."""
    return np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.uint32)
