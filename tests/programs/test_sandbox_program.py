"""The sandbox as a process: ready before it runs, alone when its gateway is gone."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.support import folders
from tests.support.process import free_port, running
from tests.support.wait import until, until_async
from trunkline.programs.sandbox_process import SandboxProcess


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncGenerator[SandboxProcess]:
    process = SandboxProcess(folders.downloads(), None, tmp_path)
    await process.start()
    yield process
    await process.close()


async def health(address: tuple[str, int]) -> int:
    url = "http://{}:{}/__sandbox__/health".format(*address)
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return response.status
    except aiohttp.ClientError:
        return 0


async def test_a_request_sent_at_once_waits_until_the_process_is_ready(sandbox: SandboxProcess):
    assert await health(sandbox.address) == 200


async def test_a_killed_sandbox_is_replaced_at_the_same_address(sandbox: SandboxProcess):
    first, address = sandbox.pid, sandbox.address
    assert await health(address) == 200
    os.kill(first, signal.SIGKILL)

    async def replaced() -> bool:
        return sandbox.pid != first

    await until_async(replaced, 10, "a new sandbox")
    assert await health(address) == 200


async def test_no_secret_of_the_gateways_environment_reaches_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("UPSTREAM_TOKEN", "canary")
    process = SandboxProcess(folders.downloads(), None, tmp_path)
    await process.start()
    assert psutil.Process(process.pid).environ().keys().isdisjoint({"UPSTREAM_TOKEN"})
    assert "PATH" in psutil.Process(process.pid).environ()
    await process.close()


async def test_close_ends_the_process(tmp_path: Path):
    process = SandboxProcess(folders.downloads(), None, tmp_path)
    await process.start()
    assert await health(process.address) == 200
    pid = process.pid
    await process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_runs_by_itself_and_says_where(tmp_path: Path):
    port = free_port()
    arguments = ["--port", str(port), "--cache", str(folders.downloads())]
    with running("trunkline.programs.sandbox", arguments, {}, tmp_path / "output") as program:
        await asyncio.to_thread(until, lambda: "sandbox at" in program.said(), 15, "the sandbox")
        assert program.said().startswith(f"sandbox at http://127.0.0.1:{port}")
        assert await health(("127.0.0.1", port)) == 200
