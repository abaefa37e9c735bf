"""The sandbox as a child of the gateway: its own process, restarted when it dies."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog

from trunkline.infra.tasks import Tasks

_STOP_SECONDS = 3.0
_RESTART_SECONDS = 1.0  # at most one restart in so many
# What Python, npm and pip need to run and to download. The rest stays here: tokens of upstream servers are in it.
_KEPT = frozenset((
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
))  # fmt: skip
_KEPT_PREFIXES = ("NPM_CONFIG_", "PIP_", "UV_")
_log = structlog.get_logger("trunkline.sandbox")


class SandboxProcess:
    """Owns the listening socket, so the address is known, and requests queue, before the process is ready."""

    def __init__(self, cache: Path, mirror: Path | None, log_folder: Path) -> None:
        self._arguments = ["--cache", str(cache), "--log", str(log_folder)]
        self._arguments += ["--mirror", str(mirror)] if mirror is not None else []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._alive_read, self._alive_write = os.pipe()
        self._tasks = Tasks()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()
        return host, port

    @property
    def pid(self) -> int:
        """0 while there is no process."""
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        self._process = await self._spawn()
        self._tasks.start(self._supervise(), "sandbox")

    async def close(self) -> None:
        """Ends the process: SIGTERM, and SIGKILL when that does not help."""
        await self._tasks.close()
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._listener.close()
        os.close(self._alive_read)
        os.close(self._alive_write)

    async def _supervise(self) -> None:
        while self._process is not None:
            code = await self._process.wait()
            _log.warning("sandbox ended, restarting", code=code)
            await asyncio.sleep(_RESTART_SECONDS)
            self._process = await self._spawn()

    async def _spawn(self) -> asyncio.subprocess.Process:
        inherited = (self._listener.fileno(), self._alive_read)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "trunkline.programs.sandbox",
            f"--fd={inherited[0]}",
            f"--alive={inherited[1]}",
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=_environment(os.environ),
            pass_fds=inherited,
        )


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Names in either case: proxies and the clients' settings are written in both."""
    return {
        name: value for name, value in ours.items() if name.upper() in _KEPT or name.upper().startswith(_KEPT_PREFIXES)
    }
