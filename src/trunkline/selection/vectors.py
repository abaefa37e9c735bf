"""The dense half of the index: what each tool, each phrase and each service means, as small vectors."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from trunkline.selection import segment
from trunkline.selection.meaning import Meaning, Vectors, at_unit_length
from trunkline.selection.neighbours import Centres, small

_OF_NAME: Final = 0.35  # the rest is of name and description together
_AT_ONCE: Final = 512  # texts


class Embedded:
    """Texts as small vectors, in the order they came; embedded many at a time."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._waiting: list[str] = []
        self._done: list[Vectors] = []

    def add(self, text: str) -> None:
        self._waiting.append(text)
        if len(self._waiting) >= _AT_ONCE:
            self._embed()

    def vectors(self) -> Vectors:
        """(texts, width), of unit length."""
        self._embed()
        return np.vstack(self._done) if self._done else np.zeros((0, self._meaning.width), np.float32)

    def _embed(self) -> None:
        if self._waiting:
            self._done.append(self._meaning.embed(self._waiting))
            self._waiting = []


class ToolVectors:
    """Collects tools and their phrases."""

    def __init__(self, meaning: Meaning, centres: Centres) -> None:
        self._centres = centres
        self._names, self._texts, self._phrases = Embedded(meaning), Embedded(meaning), Embedded(meaning)
        self._owners: list[int] = []
        self._tools = 0

    def add(self, name: str, text: str, phrases: Sequence[str]) -> None:
        self._names.add(name)
        self._texts.add(text)
        for phrase in phrases:
            self._phrases.add(phrase)
            self._owners.append(self._tools)
        self._tools += 1

    def arrays(self) -> dict[str, segment.Array]:
        """`vector` of each tool, and `phrase.vector` of each phrase, by tool."""
        both = _OF_NAME * self._names.vectors() + (1 - _OF_NAME) * self._texts.vectors()
        tools, phrases = small(at_unit_length(both.astype(np.float32))), small(self._phrases.vectors())
        owners = np.array(self._owners, np.int64)
        arrays = self._centres.arrays("vector", tools, np.arange(self._tools), self._tools)
        return arrays | self._centres.arrays("phrase.vector", phrases, owners, self._tools)
