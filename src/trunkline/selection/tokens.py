"""Token counts under o200k_base, the vocabulary of current OpenAI models and a fair yardstick for others.

The tokenizer costs 0.1 s and about 60 MB once loaded, so no serving path calls this: the compiler stores the count of
each signature and listing in the catalog, and only the compiler, the demo and the benchmarks count anything else.
"""

from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Protocol, cast


class _Encoding(Protocol):
    def count(self, text: str) -> int: ...


@lru_cache(maxsize=1)
def _encoding() -> _Encoding:
    """Rust's half of bpe-openai alone: its Python half reads three vocabularies when it is imported (1 s, 100 MB)."""
    package = find_spec("bpe_openai")
    assert package is not None
    assert package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0])
    path = next(each for suffix in EXTENSION_SUFFIXES if (each := folder / f"_bindings{suffix}").exists())
    loader = ExtensionFileLoader("bpe_openai._bindings", str(path))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    bindings = module_from_spec(spec)
    loader.exec_module(bindings)
    return cast("_Encoding", bindings.tokenizer_for_encoding("o200k_base"))


def count(text: str) -> int:
    """Number of o200k_base tokens of `text`; text that looks like a special token counts as plain text.

    Half a character (a lone surrogate) counts as a question mark.
    """
    return _encoding().count(text.encode("utf-8", "replace").decode())
