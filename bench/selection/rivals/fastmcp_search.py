"""FastMCP's BM25 search transform, over the tools as its server lists them: named `server_tool`."""

import asyncio
from collections.abc import Sequence

from fastmcp.server.transforms.search.bm25 import BM25SearchTransform
from fastmcp.tools.base import Tool as ListedTool

from bench.selection.rivals.exchange import LIMIT, Tool, serve


class _Search(BM25SearchTransform):
    """Asked without its server around it, which would list and digest every tool again for each query."""

    def numbers(self, query: str) -> list[int]:
        return self._index.query(query, LIMIT)

    def take(self, tools: Sequence[ListedTool]) -> None:
        asyncio.run(self._search(tools, "anything"))


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    listed = [ListedTool(name=tool.wire, description=tool.description, parameters=tool.schema) for tool in tools]
    search = _Search(max_results=LIMIT)
    search.take(listed)
    return [search.numbers(query) for query in queries]


if __name__ == "__main__":
    serve(rank)
