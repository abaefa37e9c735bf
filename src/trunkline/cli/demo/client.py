"""The demo's MCP client: the official SDK's, with every token that passes counted."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import orjson
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult, TextContent

from trunkline.selection import tokens


class Reply(msgspec.Struct, frozen=True):
    """One tool's answer as the model reads it; `asked` and `answered` in tokens."""

    text: str
    is_error: bool
    asked: int
    answered: int


class Agent:
    """Calls tools and counts what each costs a model's context: the call it writes, the answer it reads."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def menu(self) -> tuple[list[str], int]:
        """The names that tools/list shows, and the tokens of the whole list."""
        listed = (await self._client.list_tools()).tools
        text = orjson.dumps([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed])
        return [tool.name for tool in listed], tokens.count(text.decode())

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Reply:
        result = await self._client.call_tool(tool, dict(arguments))
        assert isinstance(result, CallToolResult)
        text = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
        written = orjson.dumps({"name": tool, "arguments": arguments}).decode()
        return Reply(text, bool(result.is_error), tokens.count(written), tokens.count(text))


@asynccontextmanager
async def connect(url: str, token: str) -> AsyncGenerator[Agent]:
    headers = {"Authorization": f"Bearer {token}"}
    async with create_mcp_http_client(headers) as http, Client(streamable_http_client(url, http_client=http)) as client:
        yield Agent(client)
