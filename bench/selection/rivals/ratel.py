"""Ratel's tool registry with its default, BM25; tools named `server_tool`."""

import asyncio
from collections.abc import Sequence

from ratel_ai import Tool as RatelTool
from ratel_ai import ToolRegistry

from bench.selection.rivals.exchange import LIMIT, Tool, serve


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    registry = asyncio.run(_filled(tools))
    return [[int(hit.tool_id) for hit in registry.search(query, LIMIT)] for query in queries]


async def _filled(tools: Sequence[Tool]) -> ToolRegistry:
    registry = ToolRegistry()
    given = (RatelTool(f"{number}", tool.wire, tool.description, tool.schema) for number, tool in enumerate(tools))
    await registry.register(given)
    return registry


if __name__ == "__main__":
    serve(rank)
