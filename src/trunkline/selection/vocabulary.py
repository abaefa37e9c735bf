"""Terms to numbers; terms that mean the same, and terms that were meant."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np

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
        self._listed: list[bytes] = segment["term"].tolist()
        self._numbers = {term: number for number, term in enumerate(self._listed)}
        self._known = np.diff(segment["tool.at"])  # in how many tools each term stands
        self._alike = _alike(analyzer)

    def __len__(self) -> int:
        return len(self._listed)

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
        numbers = {term: number for term in shares if (number := self._numbers.get(term)) is not None}
        asked = {number: list(shares[term].items()) for term, number in numbers.items()}
        for term in [term for term in shares if term not in numbers and term not in self._alike][:_MISSPELT_WORDS]:
            near = self._near(term)
            if near is not None and near not in asked:
                asked[near] = [(row, share * _MISSPELT) for row, share in shares[term].items()]
        return asked

    def _near(self, term: bytes) -> int | None:
        """The most common term one edit away; None where there is none, or `term` is no word."""
        if len(term) < _MISSPELT_LENGTH or not term.isalpha():
            return None
        start = bisect_left(self._listed, term[:_PREFIX])
        end = bisect_left(self._listed, term[:_PREFIX] + b"\xff")
        # An edit leaves the first half whole, or the second: that is quickly seen.
        half = len(term) // 2
        head, tail = term[:half], term[half + 1 :]
        near = [
            place
            for place, other in enumerate(self._listed[start:end], start)
            if (other.startswith(head) or other.endswith(tail))
            and abs(len(other) - len(term)) <= 1
            and one_edit(term, other)
        ]
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
