"""Misspelt words of a request, put right before anything else reads it: names, words and meaning all gain by it."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Final

_LENGTH: Final = 4  # shorter words have too many neighbours
_PREFIX: Final = 2  # few misspell the first letters
_AT_MOST: Final = 6  # a text with more unknown words is another language, or data
_WORD: Final = re.compile(rf"(?<![\w@./#_-])[A-Za-z][a-z]{{{_LENGTH - 1},}}(?![\w@/_-]|\.\w)")


class Correction:
    """Knows `words`, of which `names` are what services are called; `common` says how often the tools hold one."""

    def __init__(self, words: Iterable[str], names: Iterable[str], common: Callable[[str], int]) -> None:
        self._names = frozenset(names)
        self._words = frozenset(words) | self._names
        self._sorted = sorted(word for word in self._words if len(word) >= _LENGTH and word.isalpha())
        self._common = common

    def corrected(self, text: str) -> str:
        """`text` with the words that nobody knows replaced by known ones an edit away, where there are such."""
        unknown = {found for found in _WORD.findall(text) if not self._is_known(found.lower())}
        if len(unknown) > _AT_MOST:
            return text
        meant = {word: near for word in unknown if (near := self._near(word))}
        return _WORD.sub(lambda found: meant.get(found.group(), found.group()), text) if meant else text

    def _is_known(self, word: str) -> bool:
        return word in self._words or self._common(word) > 0

    def _near(self, word: str) -> str:
        """The most common known word one edit away, "" without one; a capital is put right to a name only."""
        small = word.lower()
        start = bisect_left(self._sorted, small[:_PREFIX])
        end = bisect_left(self._sorted, small[:_PREFIX] + "\x7f")
        # An edit leaves the first half whole, or the second: that is quickly seen.
        half = len(small) // 2
        head, tail = small[:half], small[half + 1 :]
        near = (
            other
            for other in self._sorted[start:end]
            if (other.startswith(head) or other.endswith(tail)) and one_edit(small, other)
        )
        found = [other for other in near if small == word or other in self._names]
        best = max(found, key=lambda other: (self._common(other), other), default="")
        return best if best and self._common(best) else ""


def one_edit(one: str, other: str) -> bool:
    """Whether one inserted, dropped, changed or swapped letter (Damerau) makes `one` the `other`."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return swapped or one[start + 1 :] == other[start + 1 :]
