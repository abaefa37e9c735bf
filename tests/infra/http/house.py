"""A server of our own on a free port, and a client that sees every byte."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from trunkline.infra.http.asgi import App, Receive, Scope, Send
from trunkline.infra.http.server import HttpServer, Limits

SECONDS = 5


@dataclass(frozen=True)
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body."""
        async with asyncio.timeout(SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")[:-2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            return int(first.split()[1]), headers, await self._body(headers)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        parts: list[bytes] = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)


@asynccontextmanager
async def serving(app: App, limits: Limits | None = None) -> AsyncGenerator[tuple[HttpServer, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(app, limits)
    await server.start(listener)
    try:
        yield server, listener.getsockname()[1]
    finally:
        await server.close(grace=1)


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def talking(app: App, limits: Limits | None = None) -> AsyncGenerator[Client]:
    async with serving(app, limits) as (_, port), connected(port) as client:
        yield client


async def body_of(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def respond(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with method, path, query and body."""
    body = await body_of(receive)
    text = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode()
    await respond(send, text + body)


def request(
    path: bytes = b"/", body: bytes = b"", *headers: bytes, method: bytes = b"POST", version: bytes = b"1.1"
) -> bytes:
    lines = [b"%b %b HTTP/%b" % (method, path, version), b"Host: x", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
