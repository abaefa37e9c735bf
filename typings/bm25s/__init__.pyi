"""What the benchmark uses of bm25s."""

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from Stemmer import Stemmer

class Tokenized: ...

class BM25:
    vocab_dict: dict[str, int]
    def __init__(self, k1: float = 1.5, b: float = 0.75) -> None: ...
    def index(self, corpus: Tokenized | list[list[str]], *, show_progress: bool = True) -> None: ...
    def get_scores(self, query_tokens_single: list[str]) -> NDArray[np.float32]: ...
    def retrieve(
        self, query_tokens: Tokenized, *, k: int = 10, show_progress: bool = True
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...

@overload
def tokenize(
    texts: Sequence[str],
    *,
    stopwords: str = "english",
    stemmer: Stemmer | None = None,
    return_ids: Literal[True] = True,
    show_progress: bool = True,
) -> Tokenized: ...
@overload
def tokenize(
    texts: Sequence[str],
    *,
    stopwords: str = "english",
    stemmer: Stemmer | None = None,
    return_ids: Literal[False],
    show_progress: bool = True,
) -> list[list[str]]: ...
