"""The demo's stage: a sandbox and a gateway as processes of their own, in a data directory that is thrown away."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from trunkline.contract import Internal
from trunkline.identity import owner_token
from trunkline.infra.data_dir import DataDir
from trunkline.infra.keyfile import master_key
from trunkline.programs.settings import Settings

_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02


class Stage(msgspec.Struct, frozen=True):
    """Where everything is. `seconds` is what it took until the gateway was ready."""

    url: str
    token: str
    sandbox: str
    folder: DataDir
    seconds: float


@asynccontextmanager
async def stage(settings: Settings) -> AsyncGenerator[Stage]:
    """Starts both programs; stops them and removes what they wrote when the block ends. Raises `Internal`."""
    with tempfile.TemporaryDirectory(prefix="trunkline-demo-") as name:
        folder = DataDir(Path(name)).create()
        folder.catalog.symlink_to(settings.data.catalog)
        port = _free_port()
        async with _sandbox(settings, folder) as sandbox, _gateway(settings, folder, port, sandbox) as seconds:
            url = f"http://127.0.0.1:{port}/mcp"
            yield Stage(url, owner_token(master_key(folder.key)), sandbox, folder, seconds)


async def get(url: str) -> bytes:
    """The body of a plain GET; empty where nobody answers. For our own two programs only."""
    address, _, path = url.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return b""
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    return body if b" 200 " in head.partition(b"\r\n")[0] else b""


@asynccontextmanager
async def _sandbox(settings: Settings, folder: DataDir) -> AsyncGenerator[str]:
    options = ["--cache", str(settings.cache), "--log", str(folder.log)]
    options += ["--mirror", str(settings.mirror)] if settings.mirror else []
    async with _running("trunkline.programs.sandbox", options) as process:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
        if not line:
            raise Internal(f"The sandbox did not start:\n{await _said(process)}")
        yield line.decode().split()[-1]


@asynccontextmanager
async def _gateway(settings: Settings, folder: DataDir, port: int, sandbox: str) -> AsyncGenerator[float]:
    options = ["up", "--sandbox", "--sandbox-url", sandbox, "--port", str(port), "--data-dir", str(folder.root)]
    begun = asyncio.get_running_loop().time()
    async with _running("trunkline", [*options, "--log-level", "warning"]) as process:
        while not await get(f"http://127.0.0.1:{port}/readyz"):
            if process.returncode is not None or asyncio.get_running_loop().time() - begun > _START_SECONDS:
                raise Internal(f"The gateway did not start:\n{await _said(process)}")
            await asyncio.sleep(_POLL_SECONDS)
        yield asyncio.get_running_loop().time() - begun


@asynccontextmanager
async def _running(module: str, arguments: list[str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> bytes:
    """Ends the process; what it wrote and nobody read."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        return (await asyncio.wait_for(process.communicate(), _STOP_SECONDS))[0]
    except TimeoutError:
        process.kill()
        return (await process.communicate())[0]


async def _said(process: asyncio.subprocess.Process) -> str:
    return (await _stop(process)).decode(errors="replace").strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
