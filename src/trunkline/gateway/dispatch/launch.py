"""Starts the process of one category server.

It inherits three things: one end of a socket pair, a pipe that holds its ticket key, and a pipe for its output. It gets
no setting and no secret through its environment or its command line, where others could read them.
"""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from trunkline.connections.ticket import TicketKey

_PROGRAM: Final = "trunkline.programs.category"
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH")


class Launched(NamedTuple):
    process: Process
    socket: socket.socket


class Launch(msgspec.Struct, frozen=True):
    """How category servers of this gateway are started. `sandbox` is its `address:port`, empty for real services."""

    catalog: Path
    sandbox: str = ""
    program: tuple[str, ...] = (sys.executable, "-m", _PROGRAM)

    async def start(self, category: str, key: TicketKey) -> Launched:
        """Raises OSError if the process cannot be made."""
        ours, theirs = socket.socketpair()
        with ExitStack() as undo:
            undo.callback(ours.close)
            with theirs, os.fdopen(_pipe_with(bytes(key)), "rb") as pipe:
                process = await asyncio.create_subprocess_exec(
                    *self._command(category, theirs.fileno(), pipe.fileno()),
                    stdin=DEVNULL,
                    stdout=PIPE,
                    stderr=STDOUT,
                    pass_fds=(theirs.fileno(), pipe.fileno()),
                    env=_environment(os.environ),
                    start_new_session=True,  # Ctrl-C in a terminal is for the gateway, which then drains us
                )
            undo.pop_all()
        return Launched(process, ours)

    def _command(self, category: str, socket_fd: int, key_fd: int) -> Sequence[str]:
        sandbox = ["--sandbox", self.sandbox] if self.sandbox else []
        place = ["--catalog", str(self.catalog), "--socket", str(socket_fd), "--key", str(key_fd)]
        return [*self.program, "--category", category, *place, *sandbox]


def _pipe_with(data: bytes) -> int:
    """The reading end of a pipe that holds `data`, which is small enough not to block."""
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    return read


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: ours[name] for name in _KEPT if name in ours} | {"PYTHONUNBUFFERED": "1"}
