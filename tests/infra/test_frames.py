"""Frames over a real socket pair, however the bytes arrive."""

import asyncio
import itertools
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.infra.frames import MAX_FRAME_BYTES, WRITE_BUFFER_BYTES, FrameStream


class Side:
    """One side of a stream and what it received."""

    def __init__(self, *, yields: bool = False) -> None:
        self.frames: list[bytes] = []
        self.lost = asyncio.Event()
        self.stream = FrameStream(lambda frame: self.frames.append(bytes(frame)), self.lost.set, yields=yields)


async def pair(*, yields: bool = False) -> tuple[Side, Side]:
    ours, theirs = socket.socketpair()
    left, right = Side(), Side(yields=yields)
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: left.stream, sock=ours)
    await loop.create_unix_connection(lambda: right.stream, sock=theirs)
    return left, right


async def until_lost(*sides: Side) -> None:
    async with asyncio.timeout(5):
        for side in sides:
            await side.lost.wait()


def framed(*payloads: bytes) -> bytes:
    return b"".join(len(payload).to_bytes(4, "little") + payload for payload in payloads)


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(0, 400), max_size=8))
def test_frames_come_out_as_they_went_in_wherever_the_bytes_were_split(payloads: list[bytes], cuts: list[int]) -> None:
    frames: list[bytes] = []
    stream = FrameStream(lambda frame: frames.append(bytes(frame)), lambda: None, yields=False)
    data = framed(*payloads)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, end in itertools.pairwise(edges):
        stream.data_received(data[start:end])
    assert frames == payloads


async def test_both_sides_send_and_receive_then_close() -> None:
    left, right = await pair()
    big = b"x" * 5_000_000
    assert left.stream.send(b"one")
    assert left.stream.send(big)
    assert right.stream.send(b"")
    left.stream.close()
    await until_lost(left, right)
    assert right.frames == [b"one", big]
    assert not left.stream.open
    assert not left.stream.send(b"late")


async def test_a_frame_larger_than_allowed_ends_the_stream() -> None:
    left, right = await pair()
    assert left.stream.open
    right.stream.data_received((MAX_FRAME_BYTES + 1).to_bytes(4, "little"))
    await until_lost(left, right)
    assert right.frames == []


@pytest.mark.parametrize("yields", [False, True])
async def test_the_side_that_yields_stops_reading_while_its_answers_are_not_taken(yields: bool) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    side = Side(yields=yields)
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: side.stream, sock=theirs)
    side.stream.send(b"y" * WRITE_BUFFER_BYTES * 4)
    await loop.sock_sendall(ours, framed(b"question"))
    await asyncio.sleep(0.1)
    assert side.frames == ([] if yields else [b"question"])
    async with asyncio.timeout(5):
        while not side.frames:
            await loop.sock_recv(ours, 1 << 20)
    assert side.frames == [b"question"]
    side.stream.abort()
    await until_lost(side)
    ours.close()
