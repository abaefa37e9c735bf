"""Terms to numbers; terms that mean the same, and terms that were meant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.lexicon import SYNONYMS
from trunkline.selection.segment import Segment
from trunkline.selection.words import Analyzer

_SYNONYM: Final = 0.15  # share of a word said that a synonym of it counts
_IMPLIED: Final = 0.8
_MISSPELT: Final = 0.7
_MISSPELT_LENGTH: Final = 5  # shorter words have too many neighbours
_MISSPELT_WORDS: Final = 4  # a text with more unknown words is another language, or data
_PREFIX: Final = 2  # few misspell the first letters


class Words(Protocol):
    """Terms that are said, and terms that are meant besides."""

    @property
    def terms(self) -> tuple[bytes, ...]: ...

    @property
    def implied(self) -> tuple[bytes, ...]: ...


class Vocabulary:
    """Looks terms up in the index's sorted term list."""

    def __init__(self, segment: Segment, analyzer: Analyzer) -> None:
        self._terms: NDArray[np.bytes_] = segment["term"]
        self._known = np.diff(segment["tool.at"])  # in how many tools each term stands
        self._alike = _alike(analyzer)

    def __len__(self) -> int:
        return len(self._terms)

    def asked(self, rows: Sequence[Words]) -> Mapping[int, list[tuple[int, float]]]:
        """Term number -> [(row, share)]: share 1 for a word said, less for one implied, a synonym, a correction."""
        shares: dict[bytes, dict[int, float]] = defaultdict(dict)
        for row, words in enumerate(rows):
            for term in words.implied:
                shares[term][row] = _IMPLIED
            for term in words.terms:
                for other, share in self._alike.get(term, {}).items():
                    shares[other][row] = max(share, shares[other].get(row, 0.0))
            for term in words.terms:
                shares[term][row] = 1.0
        numbers = self._find(shares)
        asked = {number: list(shares[term].items()) for term, number in numbers.items()}
        for term in [term for term in shares if term not in numbers and term not in self._alike][:_MISSPELT_WORDS]:
            near = self._near(term)
            if near is not None and near not in asked:
                asked[near] = [(row, share * _MISSPELT) for row, share in shares[term].items()]
        return asked

    def _find(self, terms: Iterable[bytes]) -> dict[bytes, int]:
        listed = list(terms)
        if not listed or not len(self._terms):
            return {}
        wanted = np.array(listed, self._terms.dtype)
        places = np.minimum(np.searchsorted(self._terms, wanted), len(self._terms) - 1)
        known = self._terms[places] == wanted
        return {term: int(place) for term, place, found in zip(listed, places, known, strict=True) if found}

    def _near(self, term: bytes) -> int | None:
        """The most common term one edit away; None where there is none, or `term` is no word."""
        if len(term) < _MISSPELT_LENGTH or not term.isalpha():
            return None
        start = int(np.searchsorted(self._terms, np.bytes_(term[:_PREFIX])))
        end = int(np.searchsorted(self._terms, np.bytes_(term[:_PREFIX] + b"\xff")))
        sizes = np.char.str_len(self._terms[start:end])
        likely = start + np.flatnonzero(np.abs(sizes - len(term)) <= 1)
        near = [place for place in likely.tolist() if one_edit(term, bytes(self._terms[place]))]
        return max(near, key=lambda place: (int(self._known[place]), -place), default=None)


def _alike(analyzer: Analyzer) -> dict[bytes, dict[bytes, float]]:
    """Term -> the terms that count with it, and how much."""
    alike: dict[bytes, dict[bytes, float]] = defaultdict(dict)
    for line in SYNONYMS:
        group = analyzer.of_words(line)
        for term in group:
            alike[term] |= {other: _SYNONYM for other in group if other != term}
    return alike


def one_edit(one: bytes, other: bytes) -> bool:
    """Whether one inserted, dropped, changed or swapped letter (Damerau) makes `one` the `other`."""
    if len(one) > len(other):
        one, other = other, one
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return swapped or one[start + 1 :] == other[start + 1 :]
