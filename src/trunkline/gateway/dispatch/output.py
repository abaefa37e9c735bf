"""What a category server prints goes into our log, under its category's name."""

from asyncio.subprocess import Process
from typing import Final

import structlog

_LONGEST_LINE: Final = 4_000
_log = structlog.get_logger("trunkline.category")


async def log_output(process: Process, category: str) -> None:
    """Logs the process's output line by line until it ends."""
    stream = process.stdout
    assert stream is not None
    rest = ""
    while chunk := await stream.read(16_384):
        *lines, rest = (rest + chunk.decode("utf-8", "replace")).split("\n")
        for line in lines:
            _log.warning(line[:_LONGEST_LINE], category=category, pid=process.pid)
        rest = rest[-_LONGEST_LINE:]
    if rest:
        _log.warning(rest, category=category, pid=process.pid)
