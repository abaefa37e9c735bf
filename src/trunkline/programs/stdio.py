"""The gateway over standard input and output: for clients that start their servers themselves. Needs no token."""

import asyncio
import signal
from contextlib import suppress

import uvloop

from trunkline.identity import OWNER
from trunkline.infra import log
from trunkline.programs.assembly import assembled
from trunkline.programs.settings import Settings


def run(settings: Settings) -> None:
    """Runs until the client closes our standard input, or SIGTERM.

    Standard output belongs to the client: the log goes to its file only. Raises what `assembled` raises.
    """
    folder = settings.data.create()
    log.configure(folder.log, settings.logging.log_level, program="stdio", console=False)
    with suppress(asyncio.CancelledError):
        uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with assembled(settings) as assembly:
        await assembly.gateway.stdio(OWNER)
