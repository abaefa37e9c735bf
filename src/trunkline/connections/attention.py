"""Connections that will stop working unless a person does something: for those who look after an organization."""

from typing import Any, Final, Literal

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.infra.tables import connections, grants

SOON: Final = 7 * 24 * 3600.0
_LONG: Final = 24 * 3600.0  # a token that lives so long and was never renewed is one that cannot be
_MOST: Final = 20
Why = Literal["over", "failing", "ending"]


class Attention(msgspec.Struct, frozen=True):
    """`why`: the consent is over, its renewal fails, or it ends at `at` and cannot be renewed. `subject` owns it."""

    id: str
    service: str
    account: str
    shared: bool
    subject: str
    why: Why
    reason: str
    at: float


async def attention(engine: AsyncEngine, organization: str, now: float) -> tuple[Attention, ...]:
    """At most 20 of the organization's, those that end first before the others."""
    held = and_(grants.c.id == connections.c.id, grants.c.version == connections.c.version)
    lasting = grants.c.expires_at - connections.c.updated_at > _LONG
    ending = and_(grants.c.expires_at > 0, grants.c.expires_at < now + SOON, grants.c.refreshed_at == 0, lasting)
    query = (
        select(connections, grants.c.account, grants.c.state, grants.c.reason, grants.c.failures, grants.c.expires_at)
        .join(grants, held)
        .where(connections.c.organization == organization)
        .where(or_(grants.c.state == "renew", grants.c.failures > 0, ending))
        .order_by(grants.c.expires_at, connections.c.id)
        .limit(_MOST)
    )
    async with engine.connect() as connection:
        return tuple(_attention(row) for row in await connection.execute(query))


def _attention(row: Any) -> Attention:
    why: Why = "over" if row.state == "renew" else "failing" if row.failures else "ending"
    return Attention(row.id, row.service, row.account, row.shared, row.subject, why, row.reason, row.expires_at)
