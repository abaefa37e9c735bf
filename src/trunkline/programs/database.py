"""The database engine of one program, opened on first use: a server starts without SQLAlchemy."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.infra.tasks import Tasks

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


class Database:
    """The engine over `path`, which `infra.database.prepare` has made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tasks = Tasks()
        self._opening: asyncio.Task[AsyncEngine] | None = None

    async def engine(self) -> "AsyncEngine":
        if self._opening is None:
            self._opening = self._tasks.start(asyncio.to_thread(_open, self._path), "open database")
        return await asyncio.shield(self._opening)

    async def close(self) -> None:
        opened = self._opening
        await self._tasks.close()
        if opened is not None and opened.done() and not opened.cancelled() and opened.exception() is None:
            await opened.result().dispose()


def _open(path: Path) -> "AsyncEngine":
    from trunkline.infra.engine import open_engine  # noqa: PLC0415 - 0.5 s of SQLAlchemy

    return open_engine(path)
