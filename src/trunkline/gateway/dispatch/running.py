"""A running category server: its process, the link to it, and its end."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from trunkline.contract.wire import Ping
from trunkline.gateway.dispatch.launch import Launched
from trunkline.gateway.dispatch.link import Link

_OUTPUT_SECONDS: Final = 1.0


class Running:
    """A running process and the link to it."""

    def __init__(self, launched: Launched, link: Link, output: asyncio.Task[None]) -> None:
        self.link = link
        self.pid = launched.process.pid
        self.started_at = time.monotonic()
        self._process = launched.process
        self._output = output
        self._pinged_at = 0.0
        self._pings = 0
        self._late = False

    def hangs(self, ping_seconds: float, hang_seconds: float) -> bool:
        """Whether it has said nothing since it was pinged, for too long; pings it when it is time to."""
        now = time.monotonic()
        if self._pings and not self.link.heard:
            was_late, self._late = self._late, now - self._pinged_at > hang_seconds
            return was_late and self._late  # seen twice, as it may be us who did not look for a while
        self._late = False
        if now - self._pinged_at >= ping_seconds:
            self._pings += 1
            self._pinged_at = now
            self.link.heard = False
            self.link.send(Ping(self._pings))
        return False

    def rss_bytes(self) -> int:
        """Its resident set size (Linux: proc(5), statm); 0 where it cannot be known."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self, seconds: float) -> None:
        """Waits for the process to end by itself, kills it otherwise, and reaps it."""
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        finally:
            self.kill()
            self.link.stream.abort()
        await asyncio.wait([self._output], timeout=_OUTPUT_SECONDS)  # what it said last
