"""Whether a word is a name: how often descriptions write it with a capital amid a sentence, how often without."""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.selection import segment
from trunkline.selection.lexicon import EVERYDAY_NAMES

# How a word is written where descriptions say it.
UNKNOWN, NAME, PLAIN = 0, 1, 2  # PLAIN: in lower case too, where another thing is meant (close, box)

_SEEN_AT_LEAST: Final = 3
_WORD: Final = re.compile(r"(?<=[a-z,] )[A-Za-z][A-Za-z0-9]+")  # amid a sentence
_MOST: Final = 65_535


class Spelling:
    """Counts the words of descriptions as they are written."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def add(self, text: str) -> None:
        self._seen.update(_WORD.findall(text))

    def arrays(self) -> dict[str, segment.Array]:
        """`word` (digests, sorted), `word.seen` (words, 2): how often in lower case, how often with a capital."""
        seen: dict[int, list[int]] = {}
        for word, count in self._seen.items():
            if word.islower() or word[0].isupper():
                seen.setdefault(_digest(word.lower()), [0, 0])[word[0].isupper()] += count
        words = np.array(sorted(seen), np.uint64)
        counts = np.array([seen[word] for word in sorted(seen)], np.int64).reshape(-1, 2)
        return {
            "word": words,
            "word.seen": np.minimum(counts, _MOST).astype(np.uint16),
            "word.at": np.array([0, len(words)], np.uint32),
        }


def spelt(words: Iterable[str], digests: NDArray[np.uint64], seen: NDArray[np.uint16]) -> dict[str, int]:
    """NAME, PLAIN or UNKNOWN, for each of `words`; the arrays are `word` and `word.seen` of all services."""
    numbers = {_digest(word): word for word in words}
    wanted = np.array(sorted(numbers), np.uint64)
    if not len(wanted):
        return {}
    place = np.minimum(np.searchsorted(wanted, digests), len(wanted) - 1)
    found = wanted[place] == digests
    small, capital = (np.bincount(place[found], seen[found, row], len(wanted)) for row in (0, 1))
    return {
        numbers[digest]: _verdict(numbers[digest], each[0], each[1])
        for digest, each in zip(wanted.tolist(), zip(small.tolist(), capital.tolist(), strict=True), strict=True)
    }


def _verdict(word: str, small: float, capital: float) -> int:
    if word in EVERYDAY_NAMES:
        return PLAIN
    if max(small, capital) < _SEEN_AT_LEAST:
        return UNKNOWN
    return PLAIN if small > capital else NAME


def _digest(word: str) -> int:
    """64 bits of a word: two of the some 100,000 that there are share one with a chance of one in a billion."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
