"""Which keys there are, and what they protect. No secret among it."""

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.keys.providers import Providers
from trunkline.connections.keys.rotate import current_id
from trunkline.contract import KeysUnavailable
from trunkline.infra.tables import SEALED
from trunkline.infra.tables import data_keys as keys


class KeyStatus(msgspec.Struct, frozen=True):
    """`wrapped`: wrapping key -> how many data keys. `newest` and `older`: rows, by which data key sealed them."""

    provider: str
    current: str  # id of the key that wraps now; empty where that cannot be told
    wrapped: dict[str, int]
    newest: int
    older: int


async def status_of(engine: AsyncEngine, providers: Providers) -> KeyStatus:
    """What can be told without opening anything but the current key."""
    try:
        current = await current_id(providers.current)
    except KeysUnavailable:
        current = ""
    async with engine.connect() as connection:
        counted = select(keys.c.key_id, func.count()).group_by(keys.c.key_id).order_by(keys.c.key_id)
        wrapped = {row[0]: row[1] for row in await connection.execute(counted)}
        rows, older = await _rows(connection)
    return KeyStatus(providers.scheme, current, wrapped, rows - older, older)


async def _rows(connection: AsyncConnection) -> tuple[int, int]:
    """How many rows are sealed, and how many of them not by the newest data key."""
    newest = select(keys.c.organization, func.max(keys.c.version).label("version")).group_by(keys.c.organization)
    current = newest.subquery()
    all_, older = 0, 0
    for table in SEALED:
        joined = table.outerjoin(current, table.c.organization == current.c.organization)
        old = or_(current.c.version.is_(None), table.c.key_version != current.c.version)
        all_ += (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        older += (await connection.execute(select(func.count()).select_from(joined).where(old))).scalar_one()
    return all_, older
