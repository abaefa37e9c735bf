"""No category server outlives its gateway, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.gateway.dispatch.house import write_two_categories
from tests.support.wait import until

PARENT = """
import asyncio, sys
from pathlib import Path
from trunkline.connections.ticket import Sealer, TicketKey
from trunkline.gateway.dispatch.children import ChildPorts
from trunkline.gateway.dispatch.launch import Launch

async def main():
    keys = {"code": TicketKey.generate()}
    ports = ChildPorts(keys, Launch(Path(sys.argv[1]), "127.0.0.1:9"), Sealer(keys).renew)
    ports.warm(["code"])
    while not (pid := ports.states()[0].pid):
        await asyncio.sleep(0.02)
    Path(sys.argv[2]).write_text(str(pid))
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("stopped", [False, True], ids=["a child that works", "a child that hangs"])
def test_a_category_server_dies_with_its_gateway(stopped: bool, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    command = [sys.executable, "-c", PARENT, str(write_two_categories(tmp_path / "catalog")), str(told)]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pid = int(until(lambda: told.exists() and told.read_text(), 10, "the child to be up"))
        if stopped:
            os.kill(pid, signal.SIGSTOP)
    finally:
        parent.kill()
        parent.wait(5)
    assert until(lambda: not psutil.pid_exists(pid), 5, "the child to end")
