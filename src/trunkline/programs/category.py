"""One category server as a child process: `python -m trunkline.programs.category`, started by the gateway.

The gateway waits for it, so it imports only what a call needs.
"""

import argparse
import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop

from trunkline.catalog import Catalog
from trunkline.category.dial import Dialer, DirectDialer, SandboxDialer
from trunkline.category.serve import serve
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener, TicketKey
from trunkline.contract import Fault

_PR_SET_PDEATHSIG: Final = 1
_KEY_BYTES: Final = 64  # more than a key has


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    _end_with_parent()
    try:
        with os.fdopen(options.key, "rb") as pipe:
            key = TicketKey.from_bytes(pipe.read(_KEY_BYTES))
        catalog = Catalog.open(options.catalog)
    except (Fault, OSError, ValueError) as fault:
        sys.stderr.write(f"category {options.category} cannot start: {fault}\n")
        return 1
    uvloop.run(_run(options, catalog, Opener(key)))
    return 0


async def _run(options: argparse.Namespace, catalog: Catalog, opener: Opener) -> None:
    server = CategoryServer(options.category, catalog, opener, Upstream(_dialer(options.sandbox)))
    gc.freeze()  # what is imported stays: no need to look through it again
    await serve(socket.socket(fileno=options.socket), server)


def _dialer(sandbox: str) -> Dialer:
    if not sandbox:
        return DirectDialer()
    host, _, port = sandbox.rpartition(":")
    return SandboxDialer(host, int(port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trunkline-category")
    parser.add_argument("--category", required=True)
    parser.add_argument("--catalog", required=True, type=Path)
    parser.add_argument("--socket", required=True, type=int, help="inherited descriptor of a socket pair's end")
    parser.add_argument("--key", required=True, type=int, help="inherited descriptor of a pipe that holds the key")
    parser.add_argument("--sandbox", default="", help="address:port of the sandbox, instead of the services")
    return parser


def _end_with_parent() -> None:
    """Linux kills us when the gateway is gone, even if we hang; elsewhere the end of the socket must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
