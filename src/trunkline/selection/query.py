"""A request in numbers: what every part of a score reads, worked out once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trunkline.selection.meaning import Meaning, Vectors
from trunkline.selection.request import Request
from trunkline.selection.vocabulary import Vocabulary

Shares = NDArray[np.float32]
Terms = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Query:
    """Row 0 is the whole text, row i clause i.

    Only rows that differ are held: a request of one clause often has just one, which stands for both (`row_of`).
    """

    request: Request
    terms: Terms  # numbers of the terms asked for
    shares: Shares  # (held rows, terms): 1 for a word said, less for one meant
    meaning: Vectors  # (held rows, width)
    deed: Vectors  # the same without the names of services
    row_of: Terms  # (1 + clauses): the held row of each

    @property
    def of_clauses(self) -> Terms:
        """The held row of each clause."""
        return self.row_of[1:]


class Interpreter:
    """Turns requests into numbers of one index."""

    def __init__(self, vocabulary: Vocabulary, meaning: Meaning) -> None:
        self._vocabulary = vocabulary
        self._meaning = meaning

    def query(self, request: Request) -> Query:
        alone = _is_one(request)
        rows = request.clauses if alone else (request, *request.clauses)
        asked = self._vocabulary.asked(rows)
        shares = np.zeros((len(rows), len(asked)), np.float32)
        for column, found in enumerate(asked.values()):
            for row, share in found:
                shares[row, column] = share
        row_of = np.zeros(2, np.int64) if alone else np.arange(len(rows))
        meaning = self._meaning.embed([row.text for row in rows])
        deed = self._meaning.embed([request.deed(row.text) for row in rows]) if request.names else meaning
        return Query(request, np.fromiter(asked, np.int64, len(asked)), shares, meaning, deed, row_of)


def _is_one(request: Request) -> bool:
    """Whether the only clause says all that the text says, and no more."""
    first, *others = request.clauses
    return not others and not first.implied and first.terms == request.terms
