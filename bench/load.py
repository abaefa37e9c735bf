"""A closed loop of calls: C connections, one call in flight on each, the next leaves when the answer is in.

Every call carries a number of its own in its payload, and an answer counts only if the whole payload comes back: a
cache or a mixed-up answer shows as a failure.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from bench.target import Target

_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_SECONDS = 30  # no burst waits longer for its last answers


@dataclass
class Burst:
    """What one burst saw. `latencies` in seconds."""

    started: float = 0.0
    ended: float = 0.0
    failures: list[bytes] = field(default_factory=list[bytes])
    latencies: list[float] = field(default_factory=list[float])

    @property
    def calls(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.calls / (self.ended - self.started)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def burst(target: Target, connections: int, seconds: float) -> Burst:
    """Raises RuntimeError on the first answer that is not what was sent."""
    seen = Burst(started=time.perf_counter())
    until = seen.started + seconds
    loop = asyncio.get_running_loop()
    callers: list[_Caller] = []
    for _ in range(connections):
        _, caller = await loop.create_connection(lambda: _Caller(target, seen, until), target.host, target.port)
        callers.append(caller)
    async with asyncio.timeout(seconds + _SECONDS):
        await asyncio.gather(*(caller.finished for caller in callers))
    seen.ended = time.perf_counter()
    if seen.failures:
        raise RuntimeError(f"{target.name}: {len(seen.failures)} wrong answers, the first: {seen.failures[0][:300]!r}")
    return seen


class _Caller(asyncio.Protocol):
    """One keep-alive connection. Reads answers with a Content-Length, which is what every target gives here."""

    def __init__(self, target: Target, seen: Burst, until: float) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target, self._seen, self._until = target, seen, until
        self._buffer = b""
        self._expected = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request, self._expected = self._target.next()
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0 or len(self._buffer) < end + 4 + _length(self._buffer[:end]):
            return
        now = time.perf_counter()
        answer, self._buffer = self._buffer, b""
        if self._expected in answer and answer.startswith(b"HTTP/1.1 200"):
            self._seen.latencies.append(now - self._sent)
        else:
            self._seen.failures.append(answer)
        if now < self._until and not self._seen.failures:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._buffer:
            self._seen.failures.append(self._buffer)
        if not self.finished.done():
            self.finished.set_result(None)


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(_LENGTH)
    if start < 0:
        raise ValueError(f"an answer without Content-Length: {head[:200]!r}")
    end = lower.find(b"\r\n", start + 2)
    return int(lower[start + len(_LENGTH) : end if end >= 0 else None])
