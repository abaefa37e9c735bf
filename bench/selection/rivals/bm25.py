"""bm25s as its README shows it: name and description, English stop-words, no stemming."""

from collections.abc import Sequence

import bm25s

from bench.selection.rivals.exchange import LIMIT, Tool, serve


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    texts = [f"{tool.name} {tool.description}" for tool in tools]
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    asked = bm25s.tokenize(list(queries), stopwords="en", show_progress=False)
    numbers, _ = retriever.retrieve(asked, k=min(LIMIT, len(tools)), show_progress=False)
    return [[int(number) for number in row] for row in numbers]


if __name__ == "__main__":
    serve(rank)
