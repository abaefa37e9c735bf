"""Pages that follow what happens: streams of server-sent events, of which there are only so many."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from trunkline.contract import Overloaded
from trunkline.infra.http.asgi import Pair
from trunkline.infra.http.web import Response

MOST: Final = 64  # streams at once
MOST_OF_ONE: Final = 4  # of one user: a page has one
INTERVAL: Final = 2.0  # seconds between two events
LONGEST: Final = 600.0  # seconds; the browser asks again by itself
END: Final = b"event: end\ndata: .\n\n"
_HEADERS: Final[tuple[Pair, ...]] = ((b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no"))


class News:
    """The streams of this process. `leave` ends them all: they would keep a server from stopping."""

    def __init__(self, interval: float = INTERVAL, most: int = MOST, longest: float = LONGEST) -> None:
        self._interval = interval
        self._most = most
        self._longest = longest
        self._open: Counter[str] = Counter()
        self._leaving = asyncio.Event()

    def __len__(self) -> int:
        return self._open.total()

    def leave(self) -> None:
        self._leaving.set()

    def follow(self, user: str, part: Callable[[], Awaitable[bytes | None]]) -> Response:
        """A stream of what `part` answers, until that is None: then whoever follows may not any more.

        Raises Overloaded where there are too many.
        """
        if len(self) >= self._most or self._open[user] >= MOST_OF_ONE:
            raise Overloaded("Too many pages follow what happens.", "Close one, or reload this one now and then.")
        return Response(200, headers=_HEADERS, stream=self._stream(user, part))

    async def _stream(self, user: str, part: Callable[[], Awaitable[bytes | None]]) -> AsyncGenerator[bytes, None]:
        self._open[user] += 1
        try:
            for _ in range(int(self._longest / self._interval)):
                now = await part()
                if now is None or self._leaving.is_set():
                    yield END if now is None else b"retry: 3000\n\n"
                    return
                yield event(now)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._leaving.wait(), self._interval)
        finally:
            self._open[user] -= 1
            self._open += Counter()  # users without a stream are not kept


def event(content: bytes) -> bytes:
    """One event `part`, in the form that https://html.spec.whatwg.org/multipage/server-sent-events.html has."""
    lines = content.strip().splitlines()
    return b"event: part\n" + b"".join(b"data: %b\n" % line for line in lines) + b"\n"
