"""The connection store over a data directory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from trunkline.contract import ConnectionRef, Credential, Principal, Service
from trunkline.infra import database
from trunkline.infra.data_dir import DataDir
from trunkline.infra.keyfile import master_key
from trunkline.infra.tasks import Tasks

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trunkline.connections.store import StoredConnections


@asynccontextmanager
async def stored_connections(folder: DataDir) -> AsyncGenerator["StoredConnections"]:
    """The store; makes database and key file where they are missing. Raises `InvalidSettings`."""
    folder.create()
    database.prepare(folder.database)
    store, engine = _open(folder)
    try:
        yield store
    finally:
        await engine.dispose()


class LazyConnections:
    """The store, opened on first use or by `warm`: the gateway starts without SQLAlchemy."""

    def __init__(self, folder: DataDir) -> None:
        self._folder = folder
        self._tasks = Tasks()
        self._opening: asyncio.Task[StoredConnections] | None = None
        self._engine: AsyncEngine | None = None

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
        if self._engine is not None:
            await self._engine.dispose()

    async def _store(self) -> "StoredConnections":
        self.warm()
        assert self._opening is not None
        return await asyncio.shield(self._opening)

    async def _open(self) -> "StoredConnections":
        store, self._engine = await asyncio.to_thread(_open, self._folder)
        return store


def _open(folder: DataDir) -> "tuple[StoredConnections, AsyncEngine]":
    from trunkline.connections.envelope import Envelope  # noqa: PLC0415 - with the next two, 0.7 s of SQLAlchemy
    from trunkline.connections.store import StoredConnections  # noqa: PLC0415 - as above
    from trunkline.infra.engine import open_engine  # noqa: PLC0415 - as above

    engine = open_engine(folder.database)
    return StoredConnections(engine, Envelope(master_key(folder.key))), engine
