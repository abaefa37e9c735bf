"""Text to terms: split camelCase, snake_case and punctuation, lower-case, drop stop-words, stem (Snowball English)."""

import re
from collections.abc import Iterable

import Stemmer

from trunkline.selection.lexicon import STOP_WORDS

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
# "GitHub" is one name to a reader: such words count joined as well as split.
_NAME = re.compile(r"\b[A-Z][a-z0-9]+[A-Z][a-zA-Z0-9]+\b")
_NAME_LENGTH = 16
_REMEMBERED = 50_000  # words
# Snowball takes these for forms of another common word: a customer is not custom.
_STEMS = {"customer": "customer", "customers": "customer"}


def split(text: str) -> list[str]:
    """The lower-case words of `text`: `createPullRequest_v2` -> create, pull, request, v2."""
    return _WORD.findall(_HUMP.sub(" ", text).lower())


def joined(text: str) -> list[str]:
    """The lower-case form of each CamelCase name in `text` taken whole: GitHub -> github."""
    return [name.lower() for name in _NAME.findall(text) if len(name) <= _NAME_LENGTH]


class Analyzer:
    """Turns words into terms and remembers them, so building an index stems each distinct word once.

    A term is at most `TERM_BYTES` bytes of UTF-8. What is remembered has a bound: a server sees words without end.
    """

    TERM_BYTES = 24

    def __init__(self) -> None:
        self._stem = Stemmer.Stemmer("english")
        self._known: dict[str, bytes] = {}

    def terms(self, text: str) -> list[bytes]:
        """The terms of `text` in order, repeated as they occur."""
        return self.of_words(split(text) + joined(text))

    def of_words(self, words: Iterable[str]) -> list[bytes]:
        """The terms of lower-case `words`, without stop-words and single letters."""
        return [term for word in words if (term := self._term(word))]

    def _term(self, word: str) -> bytes:
        term = self._known.get(word)
        if term is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            term = self._known[word] = self._derive(word)
        return term

    def _derive(self, word: str) -> bytes:
        if word in STOP_WORDS or (len(word) == 1 and not word.isdigit()):
            return b""
        stem = _STEMS.get(word) or self._stem.stemWord(word)
        return stem.encode()[: self.TERM_BYTES]
