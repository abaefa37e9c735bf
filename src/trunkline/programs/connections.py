"""The connection store over a data directory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from trunkline.connections.keys.settings import KeySettings
from trunkline.contract import ConnectionRef, Credential, Principal, Service
from trunkline.infra import database
from trunkline.infra.data_dir import DataDir
from trunkline.infra.tasks import Tasks
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.connections.store import StoredConnections
    from trunkline.programs.keys import Storage


@asynccontextmanager
async def storage(settings: Settings) -> AsyncGenerator["Storage"]:
    """Database, keys and store; makes database and key files where they are missing. Raises `InvalidSettings`."""
    folder = settings.data.create()
    database.prepare(folder.database)
    opened = await _open(folder, settings.keys)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def stored_connections(settings: Settings) -> AsyncGenerator["StoredConnections"]:
    """The store alone."""
    async with storage(settings) as opened:
        yield opened.store


class LazyConnections:
    """The store, opened on first use or by `warm`: the gateway starts without SQLAlchemy."""

    def __init__(self, folder: DataDir, keys: KeySettings) -> None:
        self._folder = folder
        self._keys = keys
        self._tasks = Tasks()
        self._opening: asyncio.Task[Storage] | None = None

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        return await (await self._store()).find(principal, service)

    async def credential(self, ref: ConnectionRef) -> Credential | None:
        return await (await self._store()).credential(ref)

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        return await (await self._store()).variables(ref)

    async def connected(self, principal: Principal) -> frozenset[str]:
        return await (await self._store()).connected(principal)

    def warm(self) -> None:
        """Begins to open the store."""
        if self._opening is None:
            self._opening = self._tasks.start(self._open(), "open connections")

    async def close(self) -> None:
        await self._tasks.close()
        if self._opening is not None and not self._opening.cancelled() and self._opening.exception() is None:
            await self._opening.result().close()

    async def _store(self) -> "StoredConnections":
        self.warm()
        assert self._opening is not None
        return (await asyncio.shield(self._opening)).store

    async def _open(self) -> "Storage":
        opened = await _open(self._folder, self._keys)
        self._tasks.start(opened.settle(), "settle stored secrets")
        return opened


async def _open(folder: DataDir, keys: KeySettings) -> "Storage":
    await asyncio.to_thread(import_module, "trunkline.programs.keys")  # 0.7 s of SQLAlchemy, off the loop
    from trunkline.programs.keys import opened  # noqa: PLC0415 - imported the line above

    return await opened(folder, keys)
