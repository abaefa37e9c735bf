"""BERT's WordPiece tokenizer, which MiniLM reads with."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_LONGEST = 100


class WordPiece:
    def __init__(self, vocabulary: Path) -> None:
        words = vocabulary.read_text(encoding="utf-8").splitlines()
        self._ids = {word: number for number, word in enumerate(words)}
        self._pieces = lru_cache(maxsize=200_000)(self._of_word)

    def ids(self, text: str, length: int) -> list[int]:
        """At most `length` token ids, the two marks around them included."""
        plain = unicodedata.normalize("NFD", text.lower())
        plain = "".join(char for char in plain if unicodedata.category(char) != "Mn")
        found = [piece for word in _WORD.findall(plain) for piece in self._pieces(word)]
        return [self._ids["[CLS]"], *found[: length - 2], self._ids["[SEP]"]]

    def _of_word(self, word: str) -> tuple[int, ...]:
        """The longest pieces from the left; one unknown makes the whole word unknown."""
        found: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST:
            ends = range(len(word), start, -1)
            mark = "##" if start else ""
            end = next((end for end in ends if f"{mark}{word[start:end]}" in self._ids), 0)
            if not end:
                break
            found.append(self._ids[f"{mark}{word[start:end]}"])
            start = end
        return tuple(found) if start == len(word) else (self._ids["[UNK]"],)
