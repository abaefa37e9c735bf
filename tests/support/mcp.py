"""A plain MCP client for the tests, of either era. It shares no code with the server, nor with the SDK."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

Era = Literal["legacy", "modern"]
Json = dict[str, Any]
LEGACY_VERSION = "2025-11-25"
MODERN_VERSION = "2026-07-28"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """One answer. `messages` are the notifications and requests that came on its stream before it."""

    status: int
    headers: dict[str, str]
    body: Json
    messages: tuple[Json, ...] = ()

    @property
    def result(self) -> Json:
        assert "result" in self.body, f"HTTP {self.status}: {self.body}"
        return self.body["result"]

    @property
    def error(self) -> Json:
        assert "error" in self.body, f"HTTP {self.status}: {self.body}"
        return self.body["error"]


@dataclass
class McpClient:
    """`send` is the raw request; the rest are the few every test needs. Made by `connect`."""

    http: aiohttp.ClientSession
    url: str
    era: Era
    token: str = ""
    session: str = ""
    last_id: int = 0
    extra: dict[str, str] = field(default_factory=dict[str, str])

    async def request(self, method: str, params: Json | None = None) -> Reply:
        self.last_id += 1
        id = self.last_id  # others may ask before this answer is there
        message = {"jsonrpc": "2.0", "id": id, "method": method, "params": self._params(params or {})}
        reply = await self.send(message, self._named(method, params or {}))
        assert reply.body.get("id") in {id, None}, reply.body
        return reply

    async def notify(self, method: str, params: Json | None = None) -> int:
        message = {"jsonrpc": "2.0", "method": method, "params": self._params(params or {})}
        return (await self.send(message, self._named(method, params or {}))).status

    async def list_tools(self) -> list[Json]:
        """Every page."""
        tools: list[Json] = []
        cursor = ""
        while True:
            result = (await self.request("tools/list", {"cursor": cursor} if cursor else {})).result
            tools += result["tools"]
            cursor = result.get("nextCursor", "")
            if not cursor:
                return tools

    async def call(self, name: str, arguments: Json | None = None) -> Json:
        """The result of a tools/call: `content`, `isError` …"""
        return (await self.request("tools/call", {"name": name, "arguments": arguments or {}})).result

    async def text_of(self, name: str, arguments: Json | None = None) -> str:
        """The text of the first content of a call that succeeds."""
        result = await self.call(name, arguments)
        assert not result.get("isError"), result
        return result["content"][0]["text"]

    async def send(self, message: Json, headers: dict[str, str] | None = None) -> Reply:
        """Posts one JSON-RPC message as it is."""
        sent = self.headers() | (headers or {})
        async with self.http.post(self.url, data=json.dumps(message), headers=sent) as response:
            raw = await response.read()
            found = {name.lower(): value for name, value in response.headers.items()}
            return self._reply(response.status, found, raw)

    def headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"} | self.extra
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.era == "modern":
            headers["mcp-protocol-version"] = MODERN_VERSION
        elif self.session:
            headers |= {"mcp-session-id": self.session, "mcp-protocol-version": LEGACY_VERSION}
        return headers

    def _params(self, params: Json) -> Json:
        if self.era == "legacy":
            return params
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "trunkline-tests", "version": "1"},
        }
        return params | {"_meta": meta | params.get("_meta", {})}

    def _named(self, method: str, params: Json) -> dict[str, str]:
        if self.era == "legacy":
            return {}
        name = params.get(_NAMED.get(method, ""))
        return {"mcp-method": method} | ({"mcp-name": _header_text(str(name))} if name is not None else {})

    def _reply(self, status: int, headers: dict[str, str], raw: bytes) -> Reply:
        if not raw:
            return Reply(status, headers, {})
        if not headers.get("content-type", "").startswith("text/event-stream"):
            return Reply(status, headers, json.loads(raw))
        messages = _events(raw)
        answer = next(message for message in reversed(messages) if "result" in message or "error" in message)
        return Reply(status, headers, answer, tuple(message for message in messages if message is not answer))


def _header_text(text: str) -> str:
    """Names that are no plain header value travel in the Base64 sentinel (2026-07-28, Transports)."""
    if text.isascii() and text.isprintable():
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def _events(raw: bytes) -> list[Json]:
    """The JSON messages of an SSE stream."""
    found: list[Json] = []
    for event in raw.decode("utf-8").replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(line[5:].lstrip() for line in event.split("\n") if line.startswith("data:"))
        if data:
            found.append(json.loads(data))
    return found


@asynccontextmanager
async def connect(url: str, era: Era, token: str = "") -> AsyncGenerator[McpClient]:
    """A client that is ready to call: a legacy one has shaken hands."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as http:
        client = McpClient(http, url, era, token)
        if era == "legacy":
            await _initialize(client)
        yield client


async def _initialize(client: McpClient) -> None:
    params = {
        "protocolVersion": LEGACY_VERSION,
        "capabilities": {},
        "clientInfo": {"name": "trunkline-tests", "version": "1"},
    }
    reply = await client.request("initialize", params)
    assert reply.result["protocolVersion"] == LEGACY_VERSION
    client.session = reply.headers.get("mcp-session-id", "")
    assert await client.notify("notifications/initialized") == 202
