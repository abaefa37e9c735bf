"""bm25s at its best: a weighted index for each field, Snowball stems, names taken apart."""

from collections.abc import Callable, Sequence
from typing import Final

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from bench.selection.rivals.exchange import Tool, serve, split

DEPTH: Final = 100  # of a ranking that is fused with another
_FIELDS: Final[Sequence[tuple[Callable[[Tool], str], float]]] = (
    (lambda tool: tool.name, 2.5),
    (lambda tool: tool.server, 2.0),
    (lambda tool: tool.description, 1.0),
    (lambda tool: tool.described, 0.8),
)


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    asked = _tokens([split(query) for query in queries])
    scores = np.zeros((len(queries), len(tools)), np.float32)
    for text, weight in _FIELDS:
        words = _tokens([split(text(tool)) for tool in tools])
        if any(words):
            scores += weight * _scores(words, asked, len(tools))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return [[int(number) for number in row if scores[query, number] > 0] for query, row in enumerate(order)]


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    stemmer = Stemmer.Stemmer("english")
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False)


def _scores(words: list[list[str]], asked: list[list[str]], tools: int) -> NDArray[np.float32]:
    retriever = bm25s.BM25(k1=1.2, b=0.6)
    retriever.index(words, show_progress=False)
    known = [[word for word in query if word in retriever.vocab_dict] for query in asked]
    nothing = np.zeros(tools, np.float32)
    return np.array([retriever.get_scores(query) if query else nothing for query in known])


if __name__ == "__main__":
    serve(rank)
