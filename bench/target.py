"""What is called: an address, an era, a tool, and a payload that is new on every call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection  # noqa: TID251 - a bench dials what it measures
from itertools import count
from typing import Any, Literal
from urllib.parse import urlsplit

Era = Literal["legacy", "modern"]
LEGACY = "2025-11-25"
MODERN = "2026-07-28"
_FIRST = 10_000_000  # ids keep one width, so Content-Length is the same in every call
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "trunkline-bench", "version": "1"},
}


@dataclass
class Target:
    """Makes the bytes of one tools/call after another. `argument` takes the payload, `arguments` is the rest."""

    name: str
    url: str
    tool: str
    era: Era = "modern"
    token: str = ""
    payload: int = 1024
    argument: str = "text"
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    session: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.host, self.port, self.path = parts.hostname or "127.0.0.1", parts.port or 80, parts.path
        self._numbers = count(_FIRST)
        self._prepare()

    def open(self) -> None:
        """Shakes hands, where the era asks for it."""
        if self.era == "modern":
            return
        client = {"name": "trunkline-bench", "version": "1"}
        params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client}
        headers, _ = self.post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        self.session = headers.get("mcp-session-id", "")
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self._prepare()

    def post(self, message: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """One message outside of any measurement."""
        connection = HTTPConnection(self.host, self.port, timeout=30)
        connection.request("POST", self.path, json.dumps(message), self._headers(message))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name}: HTTP {answer.status}: {body[:300]!r}")
        return {name.lower(): value for name, value in answer.getheaders()}, body

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The result of one request outside of any measurement."""
        params = dict(params or {}) | ({"_meta": _META} if self.era == "modern" else {})
        _, body = self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        text = body.decode()
        data = text.rpartition("data:")[2] if text.startswith(("event:", "data:", "id:", ":")) else text
        answer = json.loads(data)
        if "result" not in answer:
            raise RuntimeError(f"{self.name}: {answer}")
        return answer["result"]

    def next(self) -> tuple[bytes, bytes]:
        """The bytes of the next call, and the payload its answer must hold."""
        number = b"%d" % next(self._numbers)
        payload = number + self._filler
        return b"".join((self._head, number, self._middle, payload, self._tail)), payload

    def _prepare(self) -> None:
        """Cuts one request at the two places where every call differs: its id and its payload."""
        marks = ("11111111", "22222222")
        self._filler = b"x" * (self.payload - len(marks[1]))
        arguments = dict(self.arguments) | {self.argument: marks[1] + self._filler.decode()}
        params: dict[str, Any] = {"name": self.tool, "arguments": arguments}
        if self.era == "modern":
            params["_meta"] = _META
        message = {"jsonrpc": "2.0", "id": int(marks[0]), "method": "tools/call", "params": params}
        body = json.dumps(message, separators=(",", ":"))
        headers = {"Host": f"{self.host}:{self.port}", "Content-Length": str(len(body))} | self._headers(message)
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        whole = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        self._head, _, rest = whole.partition(marks[0].encode())
        self._middle, _, self._tail = rest.partition(marks[1].encode() + self._filler)

    def _headers(self, message: Mapping[str, Any]) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.era == "modern":
            headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": message["method"]}
            if message["method"] == "tools/call":
                headers["Mcp-Name"] = message["params"]["name"]
        elif self.session:
            headers |= {"MCP-Protocol-Version": LEGACY, "Mcp-Session-Id": self.session}
        return headers
