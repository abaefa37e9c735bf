"""An answer in parts, given up when the client is gone."""

import asyncio
from collections.abc import AsyncGenerator

from trunkline.infra.http.asgi import Event
from trunkline.infra.http.stream import until_left


async def stays() -> Event:
    return await asyncio.Future()


async def leaves() -> Event:
    return {"type": "http.disconnect"}


async def test_all_parts_come_while_the_client_is_there() -> None:
    async def parts() -> AsyncGenerator[bytes, None]:
        yield b"a"
        yield b"b"

    assert [part async for part in until_left(parts(), stays)] == [b"a", b"b"]


async def test_one_that_waits_is_ended_when_the_client_leaves() -> None:
    ended: list[bool] = []

    async def parts() -> AsyncGenerator[bytes, None]:
        try:
            await asyncio.Future()
            yield b""
        finally:
            ended.append(True)

    assert [part async for part in until_left(parts(), leaves)] == []
    assert ended == [True]
