"""When connections were last used, as far as the latest calls tell."""

from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import Principal
from trunkline.infra.tables import audit
from trunkline.infra.tables.audit import CALLS

LOOKED_AT: Final = 2_000  # of the latest calls, so that an old log takes no longer than a new one
_SHARED: Final = "shared:"


async def last_used(engine: AsyncEngine, principal: Principal) -> dict[str, float]:
    """By id of a connection: one's own by one's own latest calls, shared ones by the organization's."""
    ours = audit.c.organization == principal.organization
    own = await _latest(engine, ours, audit.c.subject == principal.subject)
    return {**await _latest(engine, ours), **own}


async def _latest(engine: AsyncEngine, *whose: ColumnElement[bool]) -> dict[str, float]:
    """Along an index, from the newest."""
    calls = select(audit.c.connection, audit.c.at).where(CALLS, *whose).order_by(audit.c.at.desc()).limit(LOOKED_AT)
    looked = calls.subquery()
    query = select(looked.c.connection, func.max(looked.c.at).label("at")).group_by(looked.c.connection)
    async with engine.connect() as connection:
        return {row.connection.removeprefix(_SHARED): row.at for row in await connection.execute(query)}
