"""The connection store over a data directory."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from trunkline.connections.links import Links
from trunkline.contract import ConnectionRef, Credential, Principal, Service
from trunkline.infra import database
from trunkline.infra.keyfile import master_key
from trunkline.infra.once import Once
from trunkline.infra.tasks import Tasks
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.connections.store import StoredConnections
    from trunkline.programs.connecting import Connecting
    from trunkline.programs.keys import Storage


@asynccontextmanager
async def storage(settings: Settings) -> AsyncGenerator["Storage"]:
    """Database, keys and store; makes database and key files where they are missing. Raises `InvalidSettings`."""
    settings.data.create()
    database.prepare(settings.database)
    opened = await _open(settings)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def stored_connections(settings: Settings) -> AsyncGenerator["StoredConnections"]:
    """The store alone."""
    async with storage(settings) as opened:
        yield opened.store


@asynccontextmanager
async def connecting(settings: Settings, services: Mapping[str, Service]) -> AsyncGenerator["Connecting"]:
    """Everything that connects `services`, for one command."""
    settings.data.create()
    database.prepare(settings.database)
    opened = await _connecting(settings, services)
    try:
        yield opened
    finally:
        await opened.close()


class LazyConnections:
    """The connections of a gateway, opened on first use or by `warm`: it starts without SQLAlchemy."""

    def __init__(self, settings: Settings, services: Mapping[str, Service]) -> None:
        self._settings = settings
        self._services = services
        self._tasks = Tasks()
        self._once: Once[Connecting] = Once(self._open, "open connections")

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        return await (await self.opened()).parts.live.find(principal, service)

    async def credential(self, ref: ConnectionRef) -> Credential | None:
        return await (await self.opened()).parts.live.credential(ref)

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        return await (await self.opened()).parts.live.variables(ref)

    async def connected(self, principal: Principal) -> frozenset[str]:
        return await (await self.opened()).parts.live.connected(principal)

    async def refresh(self, ref: ConnectionRef) -> None:
        """The service refused this credential: a newer one, if there can be one."""
        await (await self.opened()).parts.live.refresh(ref)

    def warm(self) -> None:
        """Begins to open the store."""
        self._once.begin()

    async def close(self) -> None:
        await self._once.close()
        await self._tasks.close()
        if self._once.made is not None:
            await self._once.made.close()

    async def opened(self) -> "Connecting":
        return await self._once.get()

    async def _open(self) -> "Connecting":
        opened = await _connecting(self._settings, self._services)
        self._tasks.start(opened.storage.settle(), "settle stored secrets")
        return opened


class ConnectLinks:
    """`gateway.inviting.Links` to the connect pages below `url`."""

    def __init__(self, sealed: Links, url: str) -> None:
        self.sealed = sealed
        self._url = url

    def __call__(self, principal: Principal, service: Service) -> str:
        return f"{self._url}/connect/{service.id}?for={self.sealed.make(principal, service.id)}"


def links(settings: Settings) -> ConnectLinks:
    """Where a gateway's callers connect services."""
    return ConnectLinks(Links(master_key(settings.data.key), time.time), settings.listen.url)


async def _connecting(settings: Settings, services: Mapping[str, Service]) -> "Connecting":
    opened = await _open(settings)
    from trunkline.programs.connecting import Connecting, Place  # noqa: PLC0415 - what it needs is imported by now

    return Connecting(opened, Place(settings.listen.url, services, settings.providers))


async def _open(settings: Settings) -> "Storage":
    await asyncio.to_thread(import_module, "trunkline.programs.keys")  # 0.7 s of SQLAlchemy, off the loop
    from trunkline.programs.keys import opened  # noqa: PLC0415 - imported the line above

    return await opened(settings.database, settings.data, settings.keys)
