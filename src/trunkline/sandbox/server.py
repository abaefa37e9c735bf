"""The sandbox over HTTP: every host's requests arrive here with their own Host header and path.

`/__sandbox__/…` on a loopback host controls the sandbox itself:
`GET|POST|DELETE faults`, `GET|DELETE log`, `GET health`.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

from trunkline.sandbox.descriptions import Descriptions
from trunkline.sandbox.desk import Desk, Outcome
from trunkline.sandbox.faults import Fault, Faults
from trunkline.sandbox.library import Library
from trunkline.sandbox.log import Log
from trunkline.sandbox.request import Request, bare_host

CONTROL = "/__sandbox__/"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "[::1]"))
_MARK = {"X-Trunkline-Sandbox": "1", "Server": "trunkline-sandbox"}
_MAX_BODY = 64 * 1024 * 1024


def create_app(descriptions: Descriptions, *, capacity: int = 16) -> web.Application:
    """The sandbox as an aiohttp application. `capacity`: services kept loaded."""
    library = Library(descriptions, capacity=capacity)
    desk = Desk(library, Faults(), Log())
    app = web.Application(client_max_size=_MAX_BODY)
    app.on_cleanup.append(lambda _: library.close())
    app.router.add_route("*", "/{path:.*}", _Front(desk).handle)
    return app


@dataclass(frozen=True)
class Address:
    """Where a started sandbox listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@asynccontextmanager
async def serve(
    descriptions: Descriptions, *, host: str = "127.0.0.1", port: int = 0, capacity: int = 16
) -> AsyncGenerator[Address]:
    """Listen until the block ends. Port 0 takes a free one; the address tells which."""
    runner = web.AppRunner(create_app(descriptions, capacity=capacity), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield Address(host, int(runner.addresses[0][1]))
    finally:
        await runner.cleanup()


class _Front:
    """Turns HTTP into `Request` and `Outcome` into HTTP."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._control = _Control(desk)

    async def handle(self, http: web.Request) -> web.StreamResponse:
        path, _, query = http.raw_path.partition("?")
        host = bare_host(http.host)
        if path.startswith(CONTROL) and host in _LOOPBACK:
            return await self._control.handle(http, path.removeprefix(CONTROL))
        headers = {name.lower(): value.strip() for name, value in http.headers.items()}
        request = Request(http.method, host, path, query, headers, await http.read())
        return await self._send(http, await self._desk.answer(request))

    async def _send(self, http: web.Request, outcome: Outcome) -> web.StreamResponse:
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        if outcome.drop and http.transport is not None:
            http.transport.abort()
        reply = outcome.reply
        return web.Response(status=reply.status or 500, headers={**reply.headers, **_MARK}, body=reply.body)


class _Control:
    """The sandbox's own endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle(self, http: web.Request, name: str) -> web.Response:
        match http.method, name:
            case "GET", "health":
                return _json({"status": "ok"})
            case "POST", "faults":
                return self._add(await http.read())
            case "GET", "faults":
                return _json({"faults": self._desk.faults.waiting()})
            case "DELETE", "faults":
                self._desk.faults.clear()
                return _json({})
            case "GET", "log":
                return self._log(http.query)
            case "DELETE", "log":
                self._desk.log.clear()
                return _json({})
            case _:
                return _json({"error": "no such control"}, 404)

    def _add(self, body: bytes) -> web.Response:
        try:
            fault = msgspec.json.decode(body, type=Fault)
        except msgspec.DecodeError as error:
            return _json({"error": str(error)}, 400)
        self._desk.faults.add(fault)
        return _json(fault, 201)

    def _log(self, query: Mapping[str, str]) -> web.Response:
        try:
            after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        except ValueError:
            return _json({"error": "after and limit are numbers"}, 400)
        return _json({"count": self._desk.log.count, "entries": self._desk.log.entries(after=after, limit=limit)})


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, headers=_MARK, body=msgspec.json.encode(value), content_type="application/json")
