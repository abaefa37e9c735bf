"""An answer in parts, given up when the client is gone: one that waits for news would else never end."""

import asyncio
from collections.abc import AsyncGenerator

from trunkline.infra.http.asgi import Receive
from trunkline.infra.tasks import Tasks


async def until_left(parts: AsyncGenerator[bytes, None], receive: Receive) -> AsyncGenerator[bytes, None]:
    """The parts, as long as the client is there. `parts` is closed in any case."""
    tasks = Tasks()
    gone = tasks.start(_left(receive), "client leaves")
    try:
        while True:
            coming = tasks.start(anext(parts, None), "part of an answer")
            await asyncio.wait((gone, coming), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or (part := coming.result()) is None:
                return
            yield part
    finally:
        await tasks.close()
        await parts.aclose()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
