"""What people call a service, and how sure a mention of it is."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from trunkline.contract import Service
from trunkline.selection.lexicon import EVERYDAY_NAMES, GENERIC_SERVICE_WORDS, STOP_WORDS, VENDOR_WORDS
from trunkline.selection.segment import Array
from trunkline.selection.words import Analyzer, joined, split

WORDS_AT_MOST = 4
_SEEN_AT_LEAST = 3
_WORD = re.compile(r"(?<=[a-z,] )[A-Za-z][A-Za-z0-9]+")  # amid a sentence


# How a word is written where descriptions say it.
UNKNOWN, NAME, PLAIN = 0, 1, 2  # PLAIN: in lower case too, where another thing is meant (close, box)


class Alias(msgspec.Struct, frozen=True, array_like=True):
    """One name of one service. `specificity`: its own share, or its owner's, of the tools that hold these words."""

    service: int
    specificity: float
    whole: bool  # the full name, not a part of it
    spelt: int = UNKNOWN


class ServiceNames(msgspec.Struct, frozen=True, array_like=True):
    """All services, by number, and their aliases: lower-case words joined by blanks."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]
    aliases: dict[str, tuple[Alias, ...]]


class Spelling:
    """Whether a word is a name: how often descriptions write it with a capital amid a sentence, how often without."""

    def __init__(self, services: Iterable[Service]) -> None:
        words = {phrase for service in services for phrase in _phrases(service) if " " not in phrase}
        self._capital = dict.fromkeys(words, 0)
        self._small = dict.fromkeys(words, 0)

    def add(self, text: str) -> None:
        for word in _WORD.findall(text):
            if word in self._small:
                self._small[word] += 1
            elif word[0].isupper() and (lower := word.lower()) in self._capital:
                self._capital[lower] += 1

    def of(self, phrase: str) -> int:
        """NAME, PLAIN or UNKNOWN."""
        if phrase in EVERYDAY_NAMES:
            return PLAIN
        small, capital = self._small.get(phrase, 0), self._capital.get(phrase, 0)
        if max(small, capital) < _SEEN_AT_LEAST:
            return UNKNOWN
        return PLAIN if small > capital else NAME


def find_aliases(
    services: Sequence[Service], found: Mapping[str, Array], analyzer: Analyzer, spelling: Spelling
) -> dict[str, tuple[Alias, ...]]:
    """The aliases of all services; `found` are the segment's postings (`term`, `tool`, `tool.at`, `service`).

    A full name is as specific as its owner's services together make it: Twilio's other services say `twilio` too.
    """
    holders = _Holders(found, analyzer)
    owned: dict[str, list[int]] = {}
    for number, service in enumerate(services):
        owned.setdefault(_owner(service), []).append(number)
    aliases: dict[str, list[Alias]] = {}
    for number, service in enumerate(services):
        for phrase, whole in _phrases(service).items():
            specificity = holders.share(phrase, owned[_owner(service)] if whole else [number])
            if specificity > 0.0:
                aliases.setdefault(phrase, []).append(Alias(number, specificity, whole, spelling.of(phrase)))
    return {phrase: tuple(known) for phrase, known in sorted(aliases.items())}


def _owner(service: Service) -> str:
    return service.vendor or service.family or service.id


def _phrases(service: Service) -> dict[str, bool]:
    """Phrase -> is it a full name of the service."""
    phrases: dict[str, bool] = {}
    for name in (service.title, service.id, *service.aliases):
        words = split(name)
        core = [word for word in words if word not in GENERIC_SERVICE_WORDS]
        product = [word for word in core if word not in VENDOR_WORDS]
        for form in (words, core, product, ["".join(words)]):
            phrases.setdefault(" ".join(form), True)
        if len(core) > 1:
            for word in (*core, *joined(name)):
                phrases.setdefault(word, False)
    return {phrase: whole for phrase, whole in phrases.items() if _usable(phrase)}


def _usable(phrase: str) -> bool:
    words = phrase.split()
    meaning = [word for word in words if word not in STOP_WORDS and word not in GENERIC_SERVICE_WORDS]
    return 0 < len(words) <= WORDS_AT_MOST and bool(meaning) and not phrase.isdigit()


class _Holders:
    """Which tools hold all words of a phrase, and whose they are."""

    def __init__(self, found: Mapping[str, Array], analyzer: Analyzer) -> None:
        self._found = found
        self._analyzer = analyzer
        self._sizes = np.bincount(found["service"].astype(np.int64))

    def share(self, phrase: str, services: Sequence[int]) -> float:
        """The share of the tools with all words of `phrase` that are of `services`."""
        holders: Array | None = None
        for term in self._analyzer.of_words(phrase.split()):
            tools = self._tools(term)
            holders = tools if holders is None else np.intersect1d(holders, tools, assume_unique=True)
        if holders is None or not len(holders):
            # The words stand in no tool (a joined name, say): a mention can mean nothing else.
            return float(any(service < len(self._sizes) and self._sizes[service] for service in services))
        own = int(np.count_nonzero(np.isin(self._found["service"][holders], services)))
        return own / len(holders)

    def _tools(self, term: bytes) -> Array:
        terms = self._found["term"]
        place = int(np.searchsorted(terms, np.bytes_(term)))
        if place == len(terms) or terms[place] != term:
            return np.empty(0, np.int32)
        at = self._found["tool.at"]
        return self._found["tool"][int(at[place]) : int(at[place + 1])]
