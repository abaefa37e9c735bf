"""A running gateway whose one service is a Valkey server, reached with a stored credential."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.modules.workbench import compiled
from tests.support.mcp import McpClient
from tests.support.wait import until_async
from trunkline.catalog import Catalog, write_catalog
from trunkline.contract import Principal
from trunkline.identity import OWNER
from trunkline.infra import settings
from trunkline.programs.connections import stored_connections
from trunkline.programs.settings import load
from trunkline.selection import build as index

SERVICE = "redis"
PER_SECOND = 50


def catalog(folder: Path) -> Path:
    """With one service."""
    service, specs = compiled(SERVICE)
    folder.mkdir()
    write_catalog(folder, [(service, specs)])
    index.build(folder, [service], specs)
    return folder


async def connect(
    data: Path, port: int, password: str, others: Sequence[Principal] = (), environment: Mapping[str, str] | None = None
) -> None:
    """The owner's connection to the server on `port`, and one for each of `others`."""
    given = settings.Sources({}, data / "none", environment or {}, {"data_dir": str(data)})
    async with stored_connections(load(given)) as store:
        service = Catalog.open(data / "catalog").services[SERVICE]
        variables = {"host": "127.0.0.1", "port": str(port)}
        for each in (OWNER, *others):
            values = {"username": "default", "password": password}
            await store.save(each, service, values, variables=variables)


def rows(data: Path, query: str) -> list[Any]:
    """What a query of the gateway's database finds."""
    with closing(sqlite3.connect(data / "trunkline.db", timeout=30)) as database:
        return database.execute(query).fetchall()


@dataclass
class Load:
    """Calls at a steady rate. `failed` holds the texts of those that failed."""

    client: McpClient
    made: int = 0
    answered: int = 0
    failed: list[str] = field(default_factory=list[str])
    _running: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def more(self, count: int) -> None:
        """Waits until so many more calls were made."""
        wanted = self.made + count

        async def enough() -> bool:
            return self.made >= wanted

        await until_async(enough, 20, "calls")

    async def _call(self, number: int) -> None:
        name, arguments = ("redis_set", {"key": "k", "value": number}) if number % 2 else ("redis_get", {"key": "k"})
        try:
            result = await self.client.call(name, arguments)
        except (AssertionError, aiohttp.ClientError, TimeoutError) as error:
            self.failed.append(repr(error))
            return
        self.answered += 1
        if result.get("isError"):
            self.failed.append(json.dumps(result["content"]))

    async def run(self) -> None:
        """Until cancelled: then it waits for the calls under way."""
        begun = time.monotonic()
        try:
            while True:
                due = int((time.monotonic() - begun) * PER_SECOND)
                for number in range(self.made, due):
                    task = asyncio.create_task(self._call(number))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
                self.made = max(self.made, due)
                await asyncio.sleep(0.5 / PER_SECOND)
        finally:
            await asyncio.gather(*self._running)


@asynccontextmanager
async def under_load(client: McpClient) -> AsyncGenerator[Load]:
    """Calls are made while the block lasts; all have ended after it."""
    load = Load(client)
    task = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
