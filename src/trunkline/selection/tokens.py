"""Token counts under o200k_base, the vocabulary of current OpenAI models and a fair yardstick for others.

The tokenizer costs 0.5 s and about 150 MB once loaded, so no serving path calls this: the compiler stores the count of
each signature and listing in the catalog, and only the compiler, the demo and the benchmarks count anything else.
"""

import warnings
from functools import lru_cache
from typing import Protocol, cast


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


@lru_cache(maxsize=1)
def _encoding() -> _Encoding:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its use of importlib.resources
        import bpe_openai  # noqa: PLC0415 - 150 MB that a server never needs

        return cast("_Encoding", bpe_openai.get_encoding("o200k_base"))


def count(text: str) -> int:
    """Number of o200k_base tokens of `text`; text that looks like a special token counts as plain text."""
    return len(_encoding().encode_ordinary(text))
