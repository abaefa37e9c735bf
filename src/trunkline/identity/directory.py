"""From ids of users to their names, and back: for those who read logs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.infra.tables import memberships, users

_MOST: Final = 50  # users of one name


@dataclass(frozen=True, slots=True)
class Directory:
    """The table of users."""

    engine: AsyncEngine

    async def names(self, ids: Iterable[str]) -> dict[str, str]:
        """By id. Whoever is not known any more is left out."""
        query = select(users.c.id, users.c.name).where(users.c.id.in_(tuple(ids)))
        async with self.engine.connect() as connection:
            return {row.id: row.name for row in await connection.execute(query)}

    async def called(self, organization: str, text: str) -> tuple[str, ...]:
        """Members whose name or address is `text`; what no member is called is taken for an id."""
        said = text.strip().lower()
        named = or_(func.lower(users.c.name) == said, func.lower(users.c.email) == said)
        query = select(users.c.id).join(memberships, memberships.c.user == users.c.id).limit(_MOST)
        async with self.engine.connect() as connection:
            found = await connection.execute(query.where(memberships.c.organization == organization, named))
            return tuple(found.scalars()) or (text.strip(),)
