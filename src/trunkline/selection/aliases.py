"""What people call a service, and how sure a mention of it is."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from trunkline.contract import Service
from trunkline.selection.lexicon import GENERIC_SERVICE_WORDS, STOP_WORDS
from trunkline.selection.segment import Array
from trunkline.selection.words import Analyzer, joined, split

WORDS_AT_MOST = 4


class Alias(msgspec.Struct, frozen=True, array_like=True):
    """One name of one service. `specificity`: the service's own share of the tools that hold these words."""

    service: int
    specificity: float
    whole: bool  # the full name, not a part of it


class ServiceNames(msgspec.Struct, frozen=True, array_like=True):
    """All services, by number, and their aliases: lower-case words joined by blanks."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]
    aliases: dict[str, tuple[Alias, ...]]


def find_aliases(
    services: Sequence[Service], found: Mapping[str, Array], analyzer: Analyzer
) -> dict[str, tuple[Alias, ...]]:
    """The aliases of all services; `found` are the segment's postings (`term`, `tool`, `tool.at`, `service`)."""
    holders = _Holders(found, analyzer)
    aliases: dict[str, list[Alias]] = {}
    for number, service in enumerate(services):
        for phrase, whole in _phrases(service).items():
            specificity = holders.share(phrase, number)
            if specificity > 0.0:
                aliases.setdefault(phrase, []).append(Alias(number, specificity, whole))
    return {phrase: tuple(known) for phrase, known in sorted(aliases.items())}


def _phrases(service: Service) -> dict[str, bool]:
    """Phrase -> is it a full name of the service."""
    phrases: dict[str, bool] = {}
    for name in (service.title, service.id, *service.aliases):
        words = split(name)
        core = [word for word in words if word not in GENERIC_SERVICE_WORDS]
        for form, whole in ((words, True), (joined(name), True), (core, True), (["".join(words)], True)):
            phrases.setdefault(" ".join(form), whole)
        if len(core) > 1:
            for word in core:
                phrases.setdefault(word, False)
    return {phrase: whole for phrase, whole in phrases.items() if _usable(phrase)}


def _usable(phrase: str) -> bool:
    words = phrase.split()
    meaning = [word for word in words if word not in STOP_WORDS and word not in GENERIC_SERVICE_WORDS]
    return 0 < len(words) <= WORDS_AT_MOST and bool(meaning) and len(phrase) > 1


class _Holders:
    """Which tools hold all words of a phrase, and whose they are."""

    def __init__(self, found: Mapping[str, Array], analyzer: Analyzer) -> None:
        self._found = found
        self._analyzer = analyzer
        self._sizes = np.bincount(found["service"].astype(np.int64))

    def share(self, phrase: str, service: int) -> float:
        holders: Array | None = None
        for term in self._analyzer.of_words(phrase.split()):
            tools = self._tools(term)
            holders = tools if holders is None else np.intersect1d(holders, tools, assume_unique=True)
        if holders is None or not len(holders):
            # The words stand in no tool (a joined name, say): a mention can mean nothing else.
            return 1.0 if service < len(self._sizes) and self._sizes[service] else 0.0
        own = int(np.count_nonzero(self._found["service"][holders] == service))
        return own / len(holders)

    def _tools(self, term: bytes) -> Array:
        terms = self._found["term"]
        place = int(np.searchsorted(terms, np.bytes_(term)))
        if place == len(terms) or terms[place] != term:
            return np.empty(0, np.int32)
        at = self._found["tool.at"]
        return self._found["tool"][int(at[place]) : int(at[place + 1])]
