"""The tests' world as a program that speaks over standard input and output."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.gateway.world import OWNER, World


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        sys.stdout.write("")  # whatever is printed before or after must not disturb the client
        await world.gateway.stdio(OWNER)
        await world.gateway.close()


if __name__ == "__main__":
    asyncio.run(main())
