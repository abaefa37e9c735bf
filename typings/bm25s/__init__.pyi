"""What the benchmark uses of bm25s."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from Stemmer import Stemmer

class Tokenized: ...

class BM25:
    def __init__(self, k1: float = 1.5, b: float = 0.75) -> None: ...
    def index(self, corpus: Tokenized, *, show_progress: bool = True) -> None: ...
    def retrieve(
        self, query_tokens: Tokenized, *, k: int = 10, show_progress: bool = True
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...

def tokenize(
    texts: Sequence[str], *, stopwords: str = "english", stemmer: Stemmer | None = None, show_progress: bool = True
) -> Tokenized: ...
