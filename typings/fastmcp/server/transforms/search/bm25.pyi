"""The tool search that a server can be given."""

from collections.abc import Sequence

from fastmcp.tools.base import Tool

class _Index:
    def query(self, text: str, top_k: int) -> list[int]: ...

class BM25SearchTransform:
    _index: _Index
    def __init__(self, *, max_results: int = 5) -> None: ...
    async def _search(self, tools: Sequence[Tool], query: str) -> Sequence[Tool]: ...
