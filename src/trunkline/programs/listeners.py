"""HTTP listeners: several sockets, each with its app, stopped by SIGTERM or SIGINT."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Mapping, Sequence

from trunkline.contract import InvalidSettings
from trunkline.infra.http.asgi import App
from trunkline.infra.http.server import HttpServer
from trunkline.infra.tasks import Tasks

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
    """Serves each app on its socket until a signal asks to stop; asked a second time, it stops at once.

    `ready` is called once all of them answer, `leave` when it is time to end what would not end by itself.
    """
    asked, again = _signals()
    servers = [HttpServer(app) for app in apps.values()]
    for server, listener in zip(servers, apps, strict=True):
        await server.start(listener)
    ready()
    await asked.wait()
    leave()
    await _close(servers, again)


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Set by the first SIGTERM or SIGINT, and by the second."""
    asked, again = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (again if asked.is_set() else asked).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return asked, again


async def _close(servers: Sequence[HttpServer], again: asyncio.Event) -> None:
    tasks = Tasks()
    closing = [tasks.start(server.close(_GRACE_SECONDS), "close") for server in servers]
    hurry = tasks.start(again.wait(), "second signal")
    closed = asyncio.gather(*closing)
    await asyncio.wait([closed, hurry], return_when=asyncio.FIRST_COMPLETED)
    await tasks.close()
    await asyncio.gather(*(server.close(0) for server in servers))


def _reason(fault: OSError) -> str:
    return "the port is in use" if fault.errno == errno.EADDRINUSE else (fault.strerror or str(fault)).lower()


def _hint(fault: OSError, setting: str) -> str:
    flag, variable = f"--{setting.replace('_', '-')}", f"TRUNKLINE_{setting.upper()}"
    if fault.errno == errno.EADDRINUSE:
        return f"Is Trunkline running already? Otherwise choose another with {flag} or {variable}."
    return f"Choose another with {flag} or {variable}."
