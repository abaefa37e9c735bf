"""bm25s at its best: names taken apart and counted twice, the server's name, parameters, Snowball stems."""

from collections.abc import Sequence

import bm25s
import Stemmer

from bench.selection.rivals.exchange import Tool, serve, split

DEPTH = 100  # of a ranking that is fused with another


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    stemmer = Stemmer.Stemmer("english")
    retriever = bm25s.BM25(k1=1.2, b=0.6)
    texts = [split(_text(tool)) for tool in tools]
    retriever.index(bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    words = [split(query) for query in queries]
    asked = bm25s.tokenize(words, stopwords="en", stemmer=stemmer, show_progress=False)
    numbers, scores = retriever.retrieve(asked, k=min(DEPTH, len(tools)), show_progress=False)
    return [
        [int(number) for number, score in zip(row, values, strict=True) if score > 0]
        for row, values in zip(numbers, scores, strict=True)
    ]


def _text(tool: Tool) -> str:
    names = f"{tool.server} {tool.server} {tool.name} {tool.name}"
    return f"{names} {tool.description[:600]} {tool.described}"


if __name__ == "__main__":
    serve(rank)
