"""The database engine of one program, opened on first use: a server starts without SQLAlchemy."""

import asyncio
from typing import TYPE_CHECKING

from trunkline.infra.location import Location
from trunkline.infra.once import Once

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


class Database:
    """The engine over `where`, which `infra.database.prepare` has made."""

    def __init__(self, where: Location) -> None:
        self.where = where
        self._opened: Once[AsyncEngine] = Once(self._open, "open database")

    async def engine(self) -> "AsyncEngine":
        return await self._opened.get()

    async def close(self) -> None:
        await self._opened.close()
        if self._opened.made is not None:
            await self._opened.made.dispose()

    async def _open(self) -> "AsyncEngine":
        return await asyncio.to_thread(_open, self.where)


def _open(where: Location) -> "AsyncEngine":
    from trunkline.infra.engine import open_engine  # noqa: PLC0415 - 0.5 s of SQLAlchemy

    return open_engine(where)
