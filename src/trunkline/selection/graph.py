"""Which tool has what another one needs: mined from names and required arguments when the index is built.

A required argument that names a thing of the service (`channel`, `person_id`, `token`) is what a tool of the same
service that lists, finds or gets such things has to offer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trunkline.selection import segment
from trunkline.selection.lexicon import THINGS
from trunkline.selection.words import Analyzer, split

PRODUCERS: Final = 3  # of one tool at most
_ARGUMENTS: Final = 4  # required ones that are looked at
_PER_ARGUMENT: Final = 1
_ID_WORDS: Final = frozenset(
    (
        "id",
        "ids",
        "key",
        "gid",
        "uuid",
        "guid",
        "slug",
        "token",
        "sid",
        "name",
        "number",
        "handle",
        "identifier",
        "code",
    )
)
_LISTS: Final = ("list", "search", "find", "query", "lookup", "all")
_FINDS: Final = (*_LISTS, "get", "login", "fetch", "read", "retrieve")


@dataclass(frozen=True, slots=True)
class Node:
    """One tool: the terms it is called by, whether it reads, or lists, and what it requires (argument -> the thing)."""

    name: frozenset[bytes]
    size: int  # terms of the name
    reads: bool
    lists: bool  # many things, so none need be known before
    needs: Mapping[str, frozenset[bytes]]


class Graph:
    """Collects the tools of one service, in the order they come."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._finds = frozenset(analyzer.of_words(_FINDS))
        self._lists = frozenset(analyzer.of_words(_LISTS))
        self._same = {term: same for line in THINGS for same in [analyzer.of_words(line)] for term in same}
        self._nodes: list[Node] = []

    def add(self, name: Sequence[bytes], reads: bool, required: Iterable[str]) -> None:
        needs = {argument: self._thing(argument) for argument in list(required)[:_ARGUMENTS]}
        known = {argument: thing for argument, thing in needs.items() if thing}
        called = frozenset(name).union(*(self._same.get(term, ()) for term in name))
        ends = frozenset((*name[:1], *name[-1:]))
        finds, lists = bool(self._finds & ends), bool(self._lists & ends)
        self._nodes.append(Node(called, len(name), reads or finds, lists, known))

    def _thing(self, argument: str) -> frozenset[bytes]:
        words = split(argument)
        while len(words) > 1 and words[-1] in _ID_WORDS:
            words = words[:-1]
        return (
            frozenset() if words[-1:] in (["id"], ["name"], ["key"]) else frozenset(self._analyzer.of_words(words[-2:]))
        )

    def arrays(self) -> dict[str, segment.Array]:
        """`needs`: (tools, PRODUCERS) numbers of the tools that have what each needs, -1 where there is none."""
        needs = np.full((len(self._nodes), PRODUCERS), -1, np.int32)
        offers = self._offers()
        for number in range(len(self._nodes)):
            found = self._producers(number, offers)
            needs[number, : len(found)] = found
        return {"needs": needs}

    def _offers(self) -> dict[bytes, list[int]]:
        """Term -> the reading tools that are called by it: what needs least first, then lists, then short names."""
        offers: dict[bytes, list[int]] = defaultdict(list)
        for number in sorted(range(len(self._nodes)), key=self._effort):
            if self._nodes[number].reads:
                for term in self._nodes[number].name:
                    offers[term].append(number)
        return offers

    def _effort(self, number: int) -> tuple[int, bool, int]:
        node = self._nodes[number]
        return len(node.needs), not node.lists, node.size

    def _producers(self, number: int, offers: Mapping[bytes, list[int]]) -> list[int]:
        found: list[int] = []
        for argument, thing in self._nodes[number].needs.items():
            least = min((offers.get(term, []) for term in thing), key=len)
            fits = [
                each
                for each in least
                if each != number and thing <= self._nodes[each].name and argument not in self._nodes[each].needs
            ]
            found += [each for each in fits[:_PER_ARGUMENT] if each not in found]
        return found[:PRODUCERS]
