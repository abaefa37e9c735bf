"""Seals secrets into rows and opens them: the one place where stored secrets and data keys meet."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.envelope import DataKey, Place
from trunkline.connections.former import FormerEnvelope
from trunkline.connections.keys import sealed
from trunkline.connections.keys.data_keys import DataKeys

T = TypeVar("T")
Write = Callable[[AsyncConnection, DataKey], Awaitable[T]]
_TRIES: Final = 3


class Safe:
    """For every table with secrets. `former` opens what was sealed before there were data keys."""

    def __init__(self, engine: AsyncEngine, keys: DataKeys, former: FormerEnvelope) -> None:
        self.keys = keys
        self._engine = engine
        self._former = former

    async def open(self, place: Place, key_version: int, sealed: bytes) -> dict[str, str]:
        """Raises DataKeyGone: read the row again; KeysUnavailable; Internal if it was changed or moved."""
        if not key_version:
            return self._former.open(place, sealed)
        key = await self.keys.get(place.organization, key_version)
        return key.open(place, sealed)

    async def write(self, organization: str, write: Write[T]) -> T:
        """Runs `write` in a transaction, with the newest data key of `organization` to seal with.

        The key is unwrapped before the transaction begins: whoever keeps it may be slow. If another has become the
        newest by its end, everything is done again with that one. Raises KeysUnavailable, and what `write` raises.
        """
        for _ in range(_TRIES):
            key = await self.keys.newest(organization)
            async with self._engine.begin() as connection:
                written = await write(connection, key)
                if await self.keys.newest_version(connection, organization) == key.version:
                    return written
                await connection.rollback()
        raise sealed("the data keys are being replaced", "Call again.")
