"""Rotation: data keys wrapped anew, secrets sealed anew, while calls run.

What is done and what is not stands in the rows themselves, and each is changed by a transaction of its own, on the
condition that it is still what was read. A rotation that is killed is resumed by another one; two at once do no harm.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Table, and_, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.connections.envelope import Place
from trunkline.connections.keys import Binding, KeyMoved, KeyProvider, Wrapped, sealed
from trunkline.connections.keys.data_keys import DataKeyGone
from trunkline.connections.keys.providers import Providers
from trunkline.connections.safe import Safe
from trunkline.contract import Internal
from trunkline.infra.tables import SEALED
from trunkline.infra.tables import data_keys as keys

Progress = Callable[[str, int], None]
"""Is told what is being done, and to how many it is done."""

_BATCH: Final = 100
_PROBE: Final = Binding("", 0)
_RESTORE: Final = "Restore it from a backup, then run the same command again."


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did: data keys wrapped anew, made and removed, rows sealed anew, ids of rows that do not open."""

    wrapped: int = 0
    made: int = 0
    removed: int = 0
    sealed: int = 0
    broken: tuple[str, ...] = ()


class Rotation:
    """Over one database, to the current one of `providers`."""

    def __init__(self, engine: AsyncEngine, safe: Safe, providers: Providers, progress: Progress) -> None:
        self._engine = engine
        self._safe = safe
        self._providers = providers
        self._progress = progress

    async def whole(self, *, fresh: bool) -> Rotated:
        """Both, one after the other. Raises KeysUnavailable."""
        wrapped = await self.rewrap()
        return msgspec.structs.replace(await self.reseal(fresh=fresh), wrapped=wrapped)

    async def rewrap(self) -> int:
        """Wraps every data key by the current provider's current key; how many were wrapped anew.

        Where all are already, the provider makes a new key first; where some are not, a rotation is under way and goes
        on. Keys that wrap nothing any more are forgotten at the end. Raises KeysUnavailable.
        """
        target = self._providers.current
        if not await self._wrapped_by_others(target):
            await target.advance()
        done = 0
        while rows := await self._wrapped_by_others(target):
            before = done
            for row in rows:
                done += await self._rewrap(row, target)
                self._progress("wrapped anew", done)
            if done == before:
                raise sealed(f"the key {rows[0].key_id} is missing, and data keys are wrapped by it", _RESTORE)
        await self._retire()
        return done

    async def reseal(self, *, fresh: bool) -> Rotated:
        """Seals every secret by its organization's newest data key; `fresh`: by a new one, where none is under way.

        Raises KeysUnavailable.
        """
        made = done = removed = 0
        broken: list[str] = []
        for organization in await self._organizations():
            newest = await self._newest_of_all(organization) if fresh else 0
            if newest:
                await self._safe.keys.mint(organization, newest + 1)
                made += 1
            for table in SEALED:
                async for row in self._older(table, organization):
                    done += await self._reseal(table, row, broken)
                    self._progress("sealed anew", done)
            removed += await self._remove(organization)
        return Rotated(made=made, removed=removed, sealed=done, broken=tuple(broken))

    async def key_ids(self) -> frozenset[str]:
        """The keys that wrap data keys now."""
        async with self._engine.connect() as connection:
            return frozenset((await connection.execute(select(keys.c.key_id).distinct())).scalars())

    async def _rewrap(self, row: Row[Any], target: KeyProvider) -> int:
        binding = Binding(row.organization, row.version)
        try:
            secret = await self._providers.of(row.key_id).unwrap(Wrapped(row.key_id, row.wrapped), binding)
        except KeyMoved:  # another rotation was faster
            return 0
        fresh = await target.wrap(secret, binding)
        same = and_(*_is_key(binding), keys.c.wrapped == row.wrapped)
        changed = update(keys).where(same).values(key_id=fresh.key_id, wrapped=fresh.data)
        return await self._change(changed)

    async def _reseal(self, table: Table, row: Row[Any], broken: list[str]) -> int:
        place = Place(row.organization, str(table.name), row.id, row.version)
        try:
            values = await self._safe.open(place, row.key_version, row.sealed)
        except DataKeyGone:
            return 0
        except Internal:
            broken.append(row.id)
            return 0
        newest = await self._safe.keys.newest(row.organization)
        same = and_(table.c.id == row.id, table.c.version == row.version, table.c.key_version == row.key_version)
        fresh = {"sealed": newest.seal(place, values), "key_version": newest.version}
        return await self._change(update(table).where(same).values(**fresh))

    async def _older(self, table: Table, organization: str) -> AsyncGenerator[Row[Any]]:
        """Rows that another than the newest data key sealed, each once."""
        newest = (await self._safe.keys.newest(organization)).version
        older = and_(table.c.organization == organization, table.c.key_version != newest)
        last = ""
        while rows := await self._rows(table, and_(older, table.c.id > last), (table.c.id,)):
            for row in rows:
                yield row
            last = rows[-1].id

    async def _remove(self, organization: str) -> int:
        """Removes the data keys that seal nothing any more.

        First they are locked, which waits for whoever is sealing with one (`newest_version`); the condition is looked
        at afterwards, in a statement of its own.
        """
        async with self._engine.begin() as connection:
            newest = await self._safe.keys.newest_version(connection, organization)
            older = and_(keys.c.organization == organization, keys.c.version < newest)
            await connection.execute(select(keys.c.version).where(older).with_for_update())
            used = [exists().where(t.c.organization == organization, t.c.key_version == keys.c.version) for t in SEALED]
            gone = await connection.execute(delete(keys).where(older, *(~each for each in used)))
            return gone.rowcount

    async def _retire(self) -> None:
        await self._providers.current.retire(await self.key_ids())

    async def _wrapped_by_others(self, target: KeyProvider) -> list[Row[Any]]:
        """Some data keys that the current key did not wrap. Which that is may change under our hands: it is asked."""
        return await self._rows(keys, keys.c.key_id != await current_id(target), (keys.c.organization, keys.c.version))

    async def _newest_of_all(self, organization: str) -> int:
        """The data key that sealed all there is; 0 where it is not one."""
        async with self._engine.connect() as connection:
            newest = await self._safe.keys.newest_version(connection, organization)
            for table in SEALED:
                older = select(table.c.id).where(table.c.organization == organization, table.c.key_version != newest)
                if (await connection.execute(older.limit(1))).first() is not None:
                    return 0
        return newest

    async def _organizations(self) -> list[str]:
        async with self._engine.connect() as connection:
            found = set((await connection.execute(select(keys.c.organization))).scalars())
            for table in SEALED:
                found.update((await connection.execute(select(table.c.organization).distinct())).scalars())
        return sorted(found)

    async def _rows(self, table: Table, which: ColumnElement[bool], order: Any) -> list[Row[Any]]:
        async with self._engine.connect() as connection:
            return list(await connection.execute(select(table).where(which).order_by(*order).limit(_BATCH)))

    async def _change(self, statement: Any) -> int:
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount


async def current_id(provider: KeyProvider) -> str:
    """The id of the key that wraps now. Raises KeysUnavailable."""
    return (await provider.wrap(b"\0" * 32, _PROBE)).key_id


def _is_key(binding: Binding) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return keys.c.organization == binding.organization, keys.c.version == binding.version
