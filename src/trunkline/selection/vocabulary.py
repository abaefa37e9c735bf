"""Terms to numbers, and terms that mean the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np

from trunkline.selection.lexicon import SYNONYMS
from trunkline.selection.segment import Segment
from trunkline.selection.words import Analyzer

_SYNONYM: Final = 0.15  # share of a word said that a synonym of it counts
_IMPLIED: Final = 0.8


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
        self._analyzer = analyzer
        self._alike = _alike(analyzer)

    def __len__(self) -> int:
        return len(self._listed)

    def asked(self, rows: Sequence[Words]) -> Mapping[int, list[tuple[int, float]]]:
        """Term number -> [(row, share)]: share 1 for a word said, less for one implied or a synonym."""
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
        return {number: list(shares[term].items()) for term, number in numbers.items()}

    def common(self, word: str) -> int:
        """In how many tools the lower-case `word` stands, in any of its forms."""
        numbers = [self._numbers.get(term, -1) for term in self._analyzer.of_words([word])]
        return min((int(self._known[number]) if number >= 0 else 0 for number in numbers), default=1)


def _alike(analyzer: Analyzer) -> dict[bytes, dict[bytes, float]]:
    """Term -> the terms that count with it, and how much."""
    alike: dict[bytes, dict[bytes, float]] = defaultdict(dict)
    for line in SYNONYMS:
        group = analyzer.of_words(line)
        for term in group:
            alike[term] |= {other: _SYNONYM for other in group if other != term}
    return alike
