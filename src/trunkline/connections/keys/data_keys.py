"""Data keys: made, unwrapped once for many calls, kept in memory for a while."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.envelope import KEY_BYTES, DataKey
from trunkline.connections.keys import Binding, KeyMoved, Wrapped, sealed
from trunkline.connections.keys.providers import Providers
from trunkline.contract import Fault
from trunkline.infra.tables import data_keys as table
from trunkline.infra.tasks import Tasks

_LOOKS: Final = 3  # at a row whose wrapping key was replaced under our hands


class DataKeyGone(Exception):
    """There is no such data key: what it sealed was sealed anew. Read that again."""


class DataKeys:
    """The data keys of all organizations.

    An unwrapped key is kept for `seconds` and dropped then, used or not: whoever takes the wrapping key away has closed
    everything that much later. However many calls wait for a key, it is unwrapped once.
    """

    def __init__(
        self, engine: AsyncEngine, providers: Providers, seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._providers = providers
        self._seconds = seconds
        self._now = now
        self._kept: dict[Binding, tuple[float, DataKey]] = {}  # good until
        self._asked: dict[Binding, asyncio.Task[DataKey | Fault | DataKeyGone]] = {}
        self._tasks = Tasks()

    @property
    def kept(self) -> int:
        """How many unwrapped keys are in memory."""
        return len(self._kept)

    async def get(self, organization: str, version: int) -> DataKey:
        """Raises DataKeyGone, KeysUnavailable, Internal."""
        binding = Binding(organization, version)
        until, key = self._kept.get(binding, (0.0, None))
        if key is not None and until > self._now():
            return key
        if binding not in self._asked:
            self._asked[binding] = self._tasks.start(self._ask(binding), "unwrap data key")
        found = await asyncio.shield(self._asked[binding])
        if isinstance(found, DataKey):
            return found
        raise found

    async def newest(self, organization: str) -> DataKey:
        """The one that seals; made where the organization has none. Raises KeysUnavailable, Internal."""
        async with self._engine.connect() as connection:
            version = await self.newest_version(connection, organization)
        return await (self.get(organization, version) if version else self.mint(organization, 1))

    async def newest_version(self, connection: AsyncConnection, organization: str) -> int:
        """0 where there is none. Until the transaction ends, nobody removes the key that was found."""
        query = select(table.c.version).where(table.c.organization == organization)
        newest = query.order_by(table.c.version.desc()).limit(1).with_for_update(read=True)
        return (await connection.execute(newest)).scalar_one_or_none() or 0

    async def mint(self, organization: str, version: int) -> DataKey:
        """The next one after version - 1; the one that somebody else made at the same time, where that was faster."""
        binding, secret = Binding(organization, version), secrets.token_bytes(KEY_BYTES)
        wrapped = await self._providers.current.wrap(secret, binding)
        if await self._insert(binding, wrapped):
            await self._settle(binding, wrapped, secret)
        return await self.get(organization, version)

    async def close(self) -> None:
        await self._tasks.close()
        self._kept.clear()

    async def _ask(self, binding: Binding) -> DataKey | Fault | DataKeyGone:
        """What could not be had is an answer too: several callers wait for it."""
        try:
            key = DataKey(binding.organization, binding.version, await self._unwrapped(binding))
            self._keep(binding, key)
            return key
        except (Fault, DataKeyGone) as fault:
            return fault
        finally:
            del self._asked[binding]

    async def _unwrapped(self, binding: Binding) -> bytes:
        reason = ""
        for _ in range(_LOOKS):
            row = await self._row(binding)
            try:
                return await self._providers.of(row.key_id).unwrap(Wrapped(row.key_id, row.wrapped), binding)
            except KeyMoved as moved:
                reason = str(moved)
        raise sealed(reason, "Restore the key from a backup.")

    async def _insert(self, binding: Binding, wrapped: Wrapped) -> bool:
        row = {"key_id": wrapped.key_id, "wrapped": wrapped.data, "created_at": time.time()}
        values = {"organization": binding.organization, "version": binding.version, **row}
        with suppress(IntegrityError):
            async with self._engine.begin() as connection:
                await connection.execute(insert(table).values(values))
            return True
        return False

    async def _settle(self, binding: Binding, wrapped: Wrapped, secret: bytes) -> None:
        """Wraps again what was wrapped by a key that a rotation took away before the row was there to be seen."""
        provider = self._providers.current
        for _ in range(_LOOKS):
            try:
                await provider.unwrap(wrapped, binding)
                return
            except KeyMoved:
                fresh = await provider.wrap(secret, binding)
                same = and_(_is(binding), table.c.wrapped == wrapped.data)
                async with self._engine.begin() as connection:
                    await connection.execute(update(table).where(same).values(key_id=fresh.key_id, wrapped=fresh.data))
                wrapped = fresh

    async def _row(self, binding: Binding) -> Row[Any]:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(table).where(_is(binding)))).first()
        if row is None:
            raise DataKeyGone(binding.organization, binding.version)
        return row

    def _keep(self, binding: Binding, key: DataKey) -> None:
        if self._seconds:
            self._kept[binding] = (self._now() + self._seconds, key)
            asyncio.get_running_loop().call_later(self._seconds, self._drop, binding, key)

    def _drop(self, binding: Binding, key: DataKey) -> None:
        if self._kept.get(binding, (0.0, None))[1] is key:
            del self._kept[binding]


def _is(binding: Binding) -> ColumnElement[bool]:
    return and_(table.c.organization == binding.organization, table.c.version == binding.version)
