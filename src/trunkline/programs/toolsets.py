"""The toolsets of organizations as the gateway looks them up: opened on first use, remembered for a moment."""

import time
from collections.abc import Callable
from typing import Final

from trunkline.economy.offered import Offered
from trunkline.programs.database import Database

SECONDS: Final = 2.0  # how long what was found is remembered: after that, a change at another gateway shows
_KEPT: Final = 1024


class LazyToolsets:
    """Implements `economy.offered.Curated` over a database."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = now
        self._kept: dict[tuple[str, str], tuple[float, Offered | None]] = {}

    async def find(self, organization: str, name: str) -> Offered | None:
        """What is offered under `name`; None where the organization has no such toolset."""
        key = (organization, name)
        until, offered = self._kept.get(key, (0.0, None))
        if self._now() < until:
            return offered
        offered = await self._look(organization, name)
        self._kept.pop(key, None)
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self._now() + SECONDS, offered)
        return offered

    def forget(self, organization: str) -> None:
        """Its toolsets were changed here."""
        for key in [key for key in self._kept if key[0] == organization]:
            del self._kept[key]

    async def _look(self, organization: str, name: str) -> Offered | None:
        from trunkline.economy.toolsets import ToolsetStore  # noqa: PLC0415 - SQLAlchemy, which no call without needs

        return await ToolsetStore(await self._database.engine()).find(organization, name)
