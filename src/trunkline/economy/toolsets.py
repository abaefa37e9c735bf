"""The toolsets of organizations, in the database. Every query names the organization."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import InvalidArguments, NotFound
from trunkline.economy.offered import Listing, Offered
from trunkline.infra.tables import toolsets

MOST: Final = 200  # toolsets of one organization


class Wanted(msgspec.Struct, frozen=True):
    """A toolset as somebody wants it; what its members are is checked by whoever knows the tools."""

    name: str
    summary: str
    members: tuple[str, ...]
    listing: Listing


class Stored(Wanted, frozen=True):
    """A toolset as it is kept."""

    created_by: str
    created_at: float
    updated_at: float


class ToolsetStore:
    """Implements `offered.Curated`; `now` is in seconds since the epoch."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def find(self, organization: str, name: str) -> Offered | None:
        """What is offered under `name`; None where the organization has no such toolset."""
        row = await self._row(organization, name)
        return None if row is None else Offered(frozenset(_members(row)), row.listing)

    async def get(self, organization: str, name: str) -> Stored:
        """Raises NotFound."""
        row = await self._row(organization, name)
        if row is None:
            raise _missing(name)
        return _stored(row)

    async def list(self, organization: str) -> tuple[Stored, ...]:
        """By name."""
        query = select(toolsets).where(toolsets.c.organization == organization).order_by(toolsets.c.name)
        async with self._engine.connect() as connection:
            return tuple(_stored(row) for row in await connection.execute(query))

    async def save(self, organization: str, by: str, wanted: Wanted) -> None:
        """Makes the toolset, or changes the one of that name. Raises InvalidArguments where there are too many."""
        values = _row_of(wanted) | {"updated_at": self._now()}
        change = update(toolsets).where(_which(organization, wanted.name)).values(**values).returning(toolsets.c.id)
        count = select(func.count()).select_from(toolsets).where(toolsets.c.organization == organization)
        async with self._engine.begin() as connection:
            if (await connection.execute(change)).first() is not None:
                return
            if (await connection.execute(count)).scalar_one() >= MOST:
                raise InvalidArguments(f"An organization has at most {MOST} toolsets.", "Delete one.")
            new = {"id": secrets.token_hex(16), "organization": organization, "created_by": by}
            await connection.execute(insert(toolsets).values(**values, **new, created_at=values["updated_at"]))

    async def delete(self, organization: str, name: str) -> None:
        """Raises NotFound."""
        gone = delete(toolsets).where(_which(organization, name)).returning(toolsets.c.id)
        async with self._engine.begin() as connection:
            if (await connection.execute(gone)).first() is None:
                raise _missing(name)

    async def _row(self, organization: str, name: str) -> Row[Any] | None:
        async with self._engine.connect() as connection:
            return (await connection.execute(select(toolsets).where(_which(organization, name)))).first()


def _which(organization: str, name: str) -> Any:
    return and_(toolsets.c.organization == organization, toolsets.c.name == name)


def _missing(name: str) -> NotFound:
    return NotFound(f"There is no toolset {name!r}.", "The toolsets page lists them.")


def _row_of(wanted: Wanted) -> dict[str, Any]:
    members: Sequence[str] = sorted(set(wanted.members))
    return {
        "name": wanted.name,
        "summary": wanted.summary,
        "members": msgspec.json.encode(members).decode(),
        "listing": wanted.listing,
    }


def _members(row: Row[Any]) -> tuple[str, ...]:
    return msgspec.json.decode(row.members, type=tuple[str, ...])


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.name, row.summary, _members(row), row.listing, row.created_by, row.created_at, row.updated_at)
