"""Frames over a byte stream: 4 bytes length (little endian), then that many bytes of payload.

The payload is opaque here. Many small frames that arrive together are handed on without copying them.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

Buffer = bytes | memoryview

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
WRITE_BUFFER_BYTES: Final = 1024 * 1024
_LENGTH: Final = 4


class FrameStream(asyncio.Protocol):
    """One side of a stream of frames.

    `on_frame` is called with each payload, `on_lost` once when the stream is gone.

    `yields`: while the peer does not read what was sent (more than `WRITE_BUFFER_BYTES` wait), reading from it stops
    too, so that a peer that asks and never listens costs bounded memory. Only one side of a stream may yield: two that
    wait for each other would wait for ever.
    """

    def __init__(self, on_frame: Callable[[Buffer], None], on_lost: Callable[[], None], *, yields: bool) -> None:
        self._yields = yields
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._on_lost()

    def pause_writing(self) -> None:
        if self._yields and self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._yields and self._transport is not None:
            self._transport.resume_reading()

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, payload: bytes) -> bool:
        """Sends one frame; False if the stream is closed already."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(len(payload).to_bytes(_LENGTH, "little") + payload)
        return True

    def close(self) -> None:
        """Sends what waits, then closes."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        view, start, end = memoryview(data), 0, len(data)
        while end - start >= _LENGTH:
            size = int.from_bytes(view[start : start + _LENGTH], "little")
            if size > MAX_FRAME_BYTES:
                self.abort()
                return
            if end - start - _LENGTH < size:
                break
            self._on_frame(view[start + _LENGTH : start + _LENGTH + size])
            start += _LENGTH + size
        self._rest = data[start:]
