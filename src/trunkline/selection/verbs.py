"""The deed of a tool and of a request: create, read, update, delete, send, run, upload, download, as one bit each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.contract import Effect
from trunkline.selection.lexicon import SPOKEN_VERBS, VERB_CLASSES, VERB_FAMILIES, VERBS
from trunkline.selection.words import Analyzer

_OF_EFFECT: Final = {Effect.READ: "read", Effect.DELETE: "delete"}


def bits_of(classes: Iterable[str]) -> int:
    """The bit set of verb classes, by name."""
    return sum(1 << VERB_CLASSES.index(name) for name in set(classes))


class VerbClasses:
    """Knows the classes of each verb; a verb may be of several."""

    def __init__(self, analyzer: Analyzer) -> None:
        written: dict[str, set[str]] = {}
        for name, verbs in VERBS.items():
            for verb in verbs:
                written.setdefault(verb, set()).add(name)
        self._written = _by_term(written, analyzer)
        self._spoken = self._written | _by_term(SPOKEN_VERBS, analyzer)

    def is_verb(self, term: bytes) -> bool:
        return term in self._spoken

    def of_request(self, terms: Iterable[bytes]) -> int:
        """The classes of the first verb among `terms`: the one that says what is asked. 0: there is none."""
        return next((bits for term in terms if (bits := self._spoken.get(term, 0))), 0)

    def of_name(self, terms: Sequence[bytes], effect: Effect) -> tuple[int, list[bytes]]:
        """(classes, subject) of a tool's name: the subject is the name without its verb.

        The verb stands first (`create_issue`) or last (`issues_create`); without one, the effect may say the class.
        """
        for position in (0, len(terms) - 1):
            if terms and (bits := self._written.get(terms[position], 0)):
                return bits, [*terms[:position], *terms[position + 1 :]]
        known = _OF_EFFECT.get(effect)
        return (bits_of([known]) if known else 0), list(terms)


def _by_term(verbs: Mapping[str, Iterable[str]], analyzer: Analyzer) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for verb, classes in verbs.items():
        for term in analyzer.of_words([verb]):
            found[term] = found.get(term, 0) | bits_of(classes)
    return found


def family_table() -> NDArray[np.uint8]:
    """Bit set of classes (0-255) -> bit set of their families."""
    members = [bits_of(family) for family in VERB_FAMILIES]
    table = [sum(1 << number for number, member in enumerate(members) if bits & member) for bits in range(256)]
    return np.array(table, np.uint8)
