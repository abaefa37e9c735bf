"""The sandbox as a program of its own: `python -m trunkline.programs.sandbox --port 8100`.

The gateway starts it with `--fd`, a socket that listens already, so that no call has to wait until it is ready, and
with `--alive`, a pipe that ends when the gateway does, however it ends.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop
from aiohttp import web

from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.contract import Fault
from trunkline.infra import log
from trunkline.sandbox.descriptions import ManifestDescriptions
from trunkline.sandbox.server import create_app

_SHUTDOWN_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    log.configure(options.log, options.log_level, program="sandbox", console=options.log is None)
    descriptions = ManifestDescriptions(Sources(options.cache, options.mirror), Manifests.load())
    try:
        listener = _listener(options.fd, options.port)
        uvloop.run(_serve(create_app(descriptions), listener, options.alive))
    except (Fault, OSError) as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("trunkline sandbox", description="Answers for every service from its description.")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--fd", type=int, default=-1, help="a listening socket instead of --port")
    parser.add_argument("--alive", type=int, default=-1, help="a pipe; the sandbox ends when it does")
    parser.add_argument("--cache", type=Path, required=True, help="folder of downloaded descriptions")
    parser.add_argument("--mirror", type=Path, default=None, help="folder of further descriptions")
    parser.add_argument("--log", type=Path, default=None, help="folder for sandbox.log; default: standard error")
    parser.add_argument("--log-level", default="info")
    return parser


def _listener(fd: int, port: int) -> socket.socket:
    if fd >= 0:
        return socket.socket(fileno=fd)
    return socket.create_server(("127.0.0.1", port))


async def _serve(app: web.Application, listener: socket.socket, alive: int) -> None:
    """Until SIGTERM, SIGINT or the end of the pipe `alive`."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stop.set)
    if alive >= 0:
        os.set_blocking(alive, False)
        loop.add_reader(alive, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        sys.stdout.write("sandbox at http://{}:{}\n".format(*listener.getsockname()[:2]))
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
