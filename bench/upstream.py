"""The far end: an MCP server at /mcp whose tools return their text, and an HTTP service that answers any other path.

As thin as Python allows (a raw asyncio protocol), so that what is measured is what stands before it.

    python -m bench.upstream PORT
"""

import asyncio
import sys
from typing import Any, cast

import msgspec
import uvloop

_SCHEMA = b'{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}'
_READ = (
    b'{"name":"echo","description":"Returns its text.","annotations":{"readOnlyHint":true},"inputSchema":%b}' % _SCHEMA
)
_WRITE = (
    b'{"name":"store","description":"Returns its text.","inputSchema":%b}' % _SCHEMA
)  # may change something, says nothing
_LISTED = b'{"tools":[' + _READ + b"," + _WRITE + b'],"resultType":"complete","ttlMs":60000,"cacheScope":"public"}'
_DISCOVERED = b"""{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},\
"ttlMs":60000,"cacheScope":"public","serverInfo":{"name":"bench","version":"1"},\
"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1"}}}"""
_INITIALIZED = b"""{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},\
"serverInfo":{"name":"bench","version":"1"}}"""
_HEAD = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_ANSWERS = {"tools/list": _LISTED, "server/discover": _DISCOVERED, "initialize": _INITIALIZED, "ping": b"{}"}


class Call(msgspec.Struct):
    method: str
    id: msgspec.Raw = msgspec.Raw()
    params: dict[str, Any] = {}


_decode = msgspec.json.Decoder(Call).decode
_encode = msgspec.json.Encoder().encode


def answer(path: bytes, body: bytes) -> tuple[int, bytes]:
    """Status and body."""
    if path != b"/mcp":
        return 200, b'{"id":1,"state":"open","url":"https://service.example/1","echo":' + body + b"}"
    call = _decode(body)
    if not call.id:
        return 202, b""
    if call.method == "tools/call":
        text = call.params["arguments"]["text"]
        result = _encode({"content": [{"type": "text", "text": text}], "isError": False, "resultType": "complete"})
    elif call.method in _ANSWERS:
        result = _ANSWERS[call.method]
    else:
        error = b'"error":{"code":-32601,"message":"method not found"}}'
        return 404, b'{"jsonrpc":"2.0","id":' + call.id + b"," + error
    return 200, b'{"jsonrpc":"2.0","id":' + call.id + b',"result":' + result + b"}"


class Server(asyncio.Protocol):
    """HTTP/1.1 as far as this needs it: keep-alive, Content-Length, one request at a time on a connection."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            need = end + 4 + _length(head)
            if len(self._buffer) < need:
                return
            body, self._buffer = self._buffer[end + 4 : need], self._buffer[need:]
            verb, path, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
            status, text = answer(path.partition(b"?")[0], body) if verb == b"POST" else (405, b"")
            self._transport.write(_HEAD % (status, len(text)) + text)


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"\r\ncontent-length:")
    if start < 0:
        return 0
    end = lower.find(b"\r\n", start + 2)
    return int(lower[start + 17 : end if end >= 0 else None])


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
