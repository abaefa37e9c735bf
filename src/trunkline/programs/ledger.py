"""The ledger for one command: read from the database of a data directory."""

import time
from typing import Final

from trunkline.economy.learned import LearnedStore
from trunkline.economy.ledger import LedgerStore, Totals
from trunkline.economy.spent import Learned, Spent
from trunkline.identity import OWNER
from trunkline.infra import database
from trunkline.programs.database import Database
from trunkline.programs.settings import Settings

_DAY: Final = 24 * 3600.0


async def sheet(settings: Settings, days: int, limit: int) -> tuple[Totals, tuple[Spent, ...]]:
    """The owner's organization: sums of so many days, and the latest tasks. Raises InvalidSettings."""
    settings.data.create()
    database.prepare(settings.database)
    opened = Database(settings.database)
    try:
        store = LedgerStore(await opened.engine())
        since = time.time() - days * _DAY
        return await store.totals(OWNER.organization, since), await store.latest(OWNER.organization, limit)
    finally:
        await opened.close()


async def learned(settings: Settings) -> Learned:
    """What the calls of the owner's organization taught; nothing where there is no database yet."""
    if not database.exists(settings.database):
        return Learned()
    database.prepare(settings.database)
    opened = Database(settings.database)
    try:
        return await LearnedStore(await opened.engine()).load(OWNER.organization)
    finally:
        await opened.close()
