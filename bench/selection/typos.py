"""The same requests, typed in haste: what misspelling costs."""

import random
import re
from collections.abc import Sequence

from msgspec import structs

from bench.selection.sets import Query

_SEED = 5
_EVERY = 6  # a word of so many is misspelt, at least one of each request
_WORD = re.compile(r"(?<![\w@./#_-])[A-Za-z]{5,}(?![\w@./_-])")  # no part of an address, a path, a key


def mistyped(queries: Sequence[Query]) -> list[Query]:
    """The English ones of `queries`, some words with a letter swapped, dropped, doubled or changed, by a fixed seed."""
    chance = random.Random(_SEED)
    return [structs.replace(query, query=_mistyped(query.query, chance)) for query in queries if not query.lang]


def _mistyped(text: str, chance: random.Random) -> str:
    words = list(_WORD.finditer(text))
    chosen = chance.sample(words, min(len(words), max(1, len(text.split()) // _EVERY)))
    for word in sorted(chosen, key=lambda each: -each.start()):
        text = text[: word.start()] + _word(word.group(), chance) + text[word.end() :]
    return text


def _word(word: str, chance: random.Random) -> str:
    """Whoever types in haste gets the first two letters right."""
    at = chance.randrange(2, len(word) - 1)
    before, here, after = word[:at], word[at], word[at + 1 :]
    return chance.choice(
        (
            before + after[0] + here + after[1:],
            before + after,
            before + here + here + after,
            before + chance.choice("aeiorstn") + after,
        )
    )
