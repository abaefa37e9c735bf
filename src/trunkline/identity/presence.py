"""Where members are signed in and when they were last seen; an admin's view of others, inside one organization."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.contract import NotFound, PolicyDenied
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches, require
from trunkline.identity.sessions import Session, session_of
from trunkline.infra.tables import api_keys, identities, memberships, sessions


class Presence:
    """Sessions of members that act for the asking user's organization, and the traces members left."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last_seen(self, by: SignedIn, users: Iterable[str]) -> dict[str, float]:
        """By user: the latest of sign-in, page and key, of those that left any trace."""
        ids = tuple(users)
        ours = and_(sessions.c.organization == by.organization, sessions.c.user.in_(ids))
        keys = and_(api_keys.c.organization == by.organization, api_keys.c.user.in_(ids))
        queries = (
            select(sessions.c.user, func.max(sessions.c.seen_at)).where(ours).group_by(sessions.c.user),
            select(api_keys.c.user, func.max(api_keys.c.used_at)).where(keys).group_by(api_keys.c.user),
            select(identities.c.user, func.max(identities.c.seen_at))
            .where(identities.c.user.in_(ids))
            .group_by(identities.c.user),
        )
        seen: dict[str, float] = {}
        async with self._engine.connect() as connection:
            for query in queries:
                for user, at in await connection.execute(query):
                    seen[user] = max(at, seen.get(user, 0.0))
        return seen

    async def sessions(self, by: SignedIn, user: str) -> tuple[Session, ...]:
        """Raises NotFound, PolicyDenied."""
        query = select(sessions).where(_here(by, user)).order_by(sessions.c.seen_at.desc())
        async with self._engine.connect() as connection:
            await self._below(connection, by, user, "look at")
            return tuple(session_of(row) for row in await connection.execute(query))

    async def end(self, by: SignedIn, user: str, session: str = "") -> int:
        """Ends one session of a member, or all; how many. Raises NotFound, PolicyDenied for somebody above `by`."""
        which = and_(_here(by, user), sessions.c.id == session) if session else _here(by, user)
        async with self._engine.begin() as connection:
            await self._below(connection, by, user, "end")
            ended = len((await connection.execute(delete(sessions).where(which).returning(sessions.c.id))).all())
        if session and not ended:
            raise NotFound("There is no such session.", "The member's page lists them.")
        return ended

    async def _below(self, connection: AsyncConnection, by: SignedIn, user: str, what: str) -> None:
        require(by.role, Role.ADMIN, f"{what} sessions of others")
        place = and_(memberships.c.organization == by.organization, memberships.c.user == user)
        row = (await connection.execute(select(memberships.c.role).where(place))).first()
        if row is None:
            raise NotFound("There is no such member.", "The members page lists them.")
        if not reaches(by.role, row.role):
            raise PolicyDenied(f"Your role may not {what} sessions of a member who is {row.role}.", "Ask an owner.")


def _here(by: SignedIn, user: str) -> Any:
    return and_(sessions.c.organization == by.organization, sessions.c.user == user)
