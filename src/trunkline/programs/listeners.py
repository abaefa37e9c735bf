"""HTTP listeners: uvicorn on uvloop and httptools, several sockets in one server, stopped by SIGTERM or SIGINT."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import uvicorn

from trunkline.contract import InvalidSettings
from trunkline.gateway.asgi import App, Receive, Scope, Send

Listener = socket.socket

_BACKLOG = 2048
_GRACE_SECONDS = 10  # for answers under way, once asked to stop


def bind(host: str, port: int, setting: str) -> Listener:
    """A bound TCP socket. Raises `InvalidSettings` naming `setting` if the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as fault:
        raise InvalidSettings(f"Cannot listen on {host}:{port}: {_reason(fault)}.", _hint(fault, setting)) from None


async def serve(apps: Mapping[Listener, App], ready: Callable[[], None], leave: Callable[[], None]) -> None:
    """Serves each app on its socket until a signal asks to stop.

    `ready` is called once all of them answer, `leave` when it is time to end what would not end by itself.
    """
    config = uvicorn.Config(
        _by_port(apps),
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, ready, leave)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve(list(apps))


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process before others can clean up."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._leave = leave

    def stop(self) -> None:
        """Stops gracefully; asked a second time, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leave()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _by_port(apps: Mapping[Listener, App]) -> App:
    """The app of the socket a request came in on."""
    ports = {int(listener.getsockname()[1]): app for listener, app in apps.items()}
    if len(ports) == 1:
        return next(iter(ports.values()))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await ports[scope["server"][1]](scope, receive, send)

    return app


def _reason(fault: OSError) -> str:
    return "the port is in use" if fault.errno == errno.EADDRINUSE else (fault.strerror or str(fault)).lower()


def _hint(fault: OSError, setting: str) -> str:
    flag, variable = f"--{setting.replace('_', '-')}", f"TRUNKLINE_{setting.upper()}"
    if fault.errno == errno.EADDRINUSE:
        return f"Is Trunkline running already? Otherwise choose another with {flag} or {variable}."
    return f"Choose another with {flag} or {variable}."
