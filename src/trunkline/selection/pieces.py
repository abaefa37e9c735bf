"""Words to pieces of a fixed vocabulary: WordPiece (Schuster, Nakajima 2012), longest match first."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from trunkline.selection.lexicon import STOP_WORDS
from trunkline.selection.words import joined, split

_INSIDE: Final = "##"
_WORD_LENGTH: Final = 32  # longer words are data, not language
_LETTERS: Final = 2.1  # of a piece on average: a word in smaller pieces is an id, or noise
_SHORT: Final = 3  # letters: an abbreviation
_REMEMBERED: Final = 50_000


class Pieces:
    """Remembers what it has cut, up to a bound: a server sees words without end."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, tuple[int, ...]] = {}

    def of_text(self, text: str) -> list[int]:
        """Piece numbers of `text`, in order; numbers and what the vocabulary can hardly spell are left out."""
        return self.of_words(split(text) + joined(text))

    def of_words(self, words: Iterable[str]) -> list[int]:
        """Piece numbers of lower-case `words`, without stop-words."""
        return [piece for word in words if word not in STOP_WORDS for piece in self._of_word(word)]

    def _of_word(self, word: str) -> tuple[int, ...]:
        pieces = self._known.get(word)
        if pieces is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            pieces = self._known[word] = self._cut(_without_accents(word))
        return pieces

    def _cut(self, word: str) -> tuple[int, ...]:
        if word.isdigit():
            return ()
        found: list[int] = []
        start = 0
        while start < len(word) <= _WORD_LENGTH:
            end = self._longest(word, start)
            if end == start:
                return ()
            found.append(self._vocabulary[(_INSIDE if start else "") + word[start:end]])
            start = end
        noise = len(word) > _SHORT and len(word) < _LETTERS * len(found)
        return () if noise else tuple(found)

    def _longest(self, word: str, start: int) -> int:
        """Where the longest piece that begins at `start` ends; `start` if there is none."""
        before = _INSIDE if start else ""
        return next((end for end in range(len(word), start, -1) if before + word[start:end] in self._vocabulary), start)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if unicodedata.category(sign) != "Mn")
