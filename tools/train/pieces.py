"""The table's vocabulary: the teacher's pieces that English text is made of, and words that APIs use."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from trunkline.selection.pieces import Pieces
from trunkline.selection.words import joined, split

_PLAIN = re.compile(r"(?:##)?[a-z0-9]+")
_WORD = re.compile(r"[a-z]{4,20}")


def vocabulary(known: Sequence[str], texts: Iterable[str], words: int) -> list[str]:
    """`known` pieces in plain letters and digits, and the `words` most frequent words of `texts` that are none yet."""
    plain = [piece for piece in known if _PLAIN.fullmatch(piece)]
    pieces = Pieces({piece: number for number, piece in enumerate(plain)})
    counts = Counter(word for text in texts for word in split(text) + joined(text))
    fresh = (word for word, _ in counts.most_common() if _WORD.fullmatch(word) and len(pieces.of_words([word])) > 1)
    return [*plain, *(word for word, _ in zip(fresh, range(words), strict=False))]
