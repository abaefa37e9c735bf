"""Serves one ASGI callable on one listening socket."""

import asyncio
import socket
from typing import Final

import msgspec

from trunkline.infra.http.asgi import App
from trunkline.infra.http.connection import Connection

_SWEEP: Final = 1.0  # seconds between two looks at every connection's deadline
_BACKLOG: Final = 2048


class Limits(msgspec.Struct, frozen=True):
    """Seconds and bytes. `request`: from a request's first byte to its last; `idle`: between two requests."""

    head: int = 65_536
    request: float = 60.0
    idle: float = 75.0


class HttpServer:
    """`start`, then `close`. `connections` and `stopping` are for the connections themselves."""

    def __init__(self, app: App, limits: Limits | None = None) -> None:
        self.app = app
        self.limits = limits or Limits()
        self.connections: set[Connection] = set()
        self.stopping = False
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listener, backlog=_BACKLOG)
        self._timer = loop.call_later(_SWEEP, self._sweep)

    async def close(self, grace: float) -> None:
        """Takes no more requests; answers under way have `grace` seconds, then they are cancelled."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        if self._timer is not None:
            self._timer.cancel()
        for connection in [each for each in self.connections if each.idle]:
            connection.close()
        tasks = [each.task for each in self.connections if each.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in tuple(self.connections):
            connection.close()
        await asyncio.sleep(0)  # lets the transports close

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [each for each in self.connections if each.deadline < now]:
            connection.expire()
        self._timer = loop.call_later(_SWEEP, self._sweep)
