"""What people call a service, and how sure a mention of it is."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from trunkline.contract import Service
from trunkline.selection.lexicon import GENERIC_SERVICE_WORDS, STOP_WORDS, VENDOR_WORDS
from trunkline.selection.segment import Array
from trunkline.selection.spelling import UNKNOWN, spelt
from trunkline.selection.words import Analyzer, joined, split

WORDS_AT_MOST = 4


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


def find_aliases(
    services: Sequence[Service], found: Mapping[str, Array], analyzer: Analyzer
) -> dict[str, tuple[Alias, ...]]:
    """The aliases of all services; `found` are arrays of the index: its postings, `service`, `word` and `word.seen`.

    A full name is as specific as its owner's services together make it: Twilio's other services say `twilio` too.
    """
    holders = _Holders(found, analyzer)
    bounds = _bounds(found["service"], len(services)).astype(found["tool"].dtype)
    owned: dict[str, list[int]] = {}
    for number, service in enumerate(services):
        owned.setdefault(_owner(service), []).append(number)
    phrases = [_phrases(service) for service in services]
    written = spelt({each for known in phrases for each in known if " " not in each}, found["word"], found["word.seen"])
    aliases: dict[str, list[Alias]] = {}
    for number, known in enumerate(phrases):
        own, owners = bounds[[number]], bounds[owned[_owner(services[number])]]
        for phrase, whole in known.items():
            specificity = holders.share(phrase, owners if whole else own)
            if specificity > 0.0:
                alias = Alias(number, specificity, whole, written.get(phrase, UNKNOWN))
                aliases.setdefault(phrase, []).append(alias)
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


def _bounds(service_of_tools: Array, services: int) -> Array:
    """(services, 2): the number of the first tool of each, and the end."""
    starts = service_of_tools.searchsorted(np.arange(services + 1, dtype=service_of_tools.dtype))
    return np.stack((starts[:-1], starts[1:]), axis=1)


class _Holders:
    """Which tools hold all words of a phrase, and whose they are."""

    def __init__(self, found: Mapping[str, Array], analyzer: Analyzer) -> None:
        self._tool, self._at = found["tool"], found["tool.at"].tolist()
        self._terms = {term: number for number, term in enumerate(found["term"].tolist())}
        self._analyzer = analyzer
        self._known: dict[str, Array] = {}

    def share(self, phrase: str, bounds: Array) -> float:
        """The share of the tools with all words of `phrase` that are within `bounds` (see `_bounds`)."""
        holders = self._known.get(phrase)
        if holders is None:
            holders = self._known[phrase] = self._of(phrase)
        if not len(holders):
            # The words stand in no tool (a joined name, say): a mention can mean nothing else.
            return float((bounds[:, 1] > bounds[:, 0]).any())
        places = holders.searchsorted(bounds)  # of one type with `bounds`, or each call would copy what it searches
        return int((places[:, 1] - places[:, 0]).sum()) / len(holders)

    def _of(self, phrase: str) -> Array:
        words = [self._tools(term) for term in self._analyzer.of_words(phrase.split())]
        return _in_all(words) if words else self._tool[:0]

    def _tools(self, term: bytes) -> Array:
        number = self._terms.get(term)
        return self._tool[:0] if number is None else self._tool[self._at[number] : self._at[number + 1]]


def _in_all(lists: Sequence[Array]) -> Array:
    """What stands in each of the sorted `lists`."""
    common, *others = sorted(lists, key=len)
    for other in others:
        if len(common):
            place = np.minimum(other.searchsorted(common), len(other) - 1)
            common = common[other[place] == common]
    return common
