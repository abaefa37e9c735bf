"""Who belongs to an organization, and as what. Every function takes who asks, and sees their organization alone."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.contract import InvalidArguments, NotFound, PolicyDenied
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, checked, reaches, require
from trunkline.identity.tokens import new_id
from trunkline.infra.tables import api_keys, memberships, organizations, sessions, users

STANDING_SECONDS: Final = 2.0  # how long a role is remembered: a change of another process shows after that
_REMEMBERED: Final = 10_000


class Member(msgspec.Struct, frozen=True):
    """A member of an organization; `kind` is person or service."""

    user: str
    kind: str
    name: str
    email: str
    role: str
    disabled: bool
    since: float


class Members:
    """The members of the asking user's organization."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def list(self, by: SignedIn) -> tuple[Member, ...]:
        query = _members().where(memberships.c.organization == by.organization).order_by(memberships.c.created_at)
        async with self._engine.connect() as connection:
            return tuple(_member(row) for row in await connection.execute(query))

    async def organization_name(self, by: SignedIn) -> str:
        query = select(organizations.c.name).where(organizations.c.id == by.organization)
        async with self._engine.connect() as connection:
            return str((await connection.execute(query)).scalar_one())

    async def rename(self, by: SignedIn, name: str) -> None:
        """Raises PolicyDenied, and InvalidArguments for what is no name."""
        require(by.role, Role.OWNER, "name the organization")
        if not name.strip() or not name.isprintable() or len(name) > 100:
            raise InvalidArguments("An organization has a short name.", "")
        named = update(organizations).where(organizations.c.id == by.organization).values(name=name.strip())
        async with self._engine.begin() as connection:
            await connection.execute(named)

    async def set_role(self, by: SignedIn, user: str, role: str) -> None:
        """Raises PolicyDenied for more than `by` has and for oneself, NotFound, InvalidArguments for the last owner."""
        wanted = checked(role)
        async with self._engine.begin() as connection:
            await self._changeable(connection, by, user)
            require(by.role, wanted, f"make somebody {wanted}")
            await self._keeps_owner(connection, by, user, still=wanted is Role.OWNER)
            await connection.execute(update(memberships).where(_place(by, user)).values(role=wanted.value))

    async def remove(self, by: SignedIn, user: str) -> None:
        """Takes the membership, with the sessions and keys that it gave. Raises as `set_role`."""
        async with self._engine.begin() as connection:
            await self._changeable(connection, by, user)
            await self._keeps_owner(connection, by, user, still=False)
            await connection.execute(delete(memberships).where(_place(by, user)))
            await self._end(connection, by.organization, user)

    async def set_disabled(self, by: SignedIn, user: str, disabled: bool) -> None:
        """A disabled user can neither sign in nor call, in any organization; an account of several is an owner's alone.

        Raises as `set_role`, and PolicyDenied where the user also belongs to another organization.
        """
        async with self._engine.begin() as connection:
            await self._changeable(connection, by, user)
            others = and_(memberships.c.user == user, memberships.c.organization != by.organization)
            if (await connection.execute(select(memberships.c.user).where(others))).first() is not None:
                raise PolicyDenied("This account belongs to another organization too.", "Remove it from yours instead.")
            await self._keeps_owner(connection, by, user, still=not disabled)
            await connection.execute(update(users).where(users.c.id == user).values(disabled=disabled))
            if disabled:
                await connection.execute(delete(sessions).where(sessions.c.user == user))

    async def add_service(self, by: SignedIn, name: str, role: str) -> str:
        """A service account: it has keys and no way to sign in. Its id. Raises PolicyDenied, InvalidArguments."""
        wanted = checked(role)
        require(by.role, Role.ADMIN, "add service accounts")
        require(by.role, wanted, f"make a service account {wanted}")
        if not name.strip() or not name.isprintable() or len(name) > 100:
            raise InvalidArguments("A service account needs a short name.", "")
        user, now = new_id(), self._now()
        row: dict[str, Any] = {"kind": "service", "name": name.strip(), "email": "", "disabled": False}
        member = {"organization": by.organization, "user": user, "role": wanted.value, "created_at": now}
        async with self._engine.begin() as connection:
            await connection.execute(insert(users).values(id=user, created_at=now, **row))
            await connection.execute(insert(memberships).values(**member))
        return user

    async def _changeable(self, connection: AsyncConnection, by: SignedIn, user: str) -> None:
        """Raises NotFound and PolicyDenied: nobody changes themself, or somebody above them."""
        require(by.role, Role.ADMIN, "change members")
        row = (await connection.execute(select(memberships.c.role).where(_place(by, user)))).first()
        if row is None:
            raise NotFound("There is no such member.", "The members page lists them.")
        if user == by.user:
            raise PolicyDenied("Nobody changes their own standing.", "Ask another owner.")
        if not reaches(by.role, row.role):
            raise PolicyDenied(f"Your role may not change a member who is {row.role}.", "Ask an owner.")

    async def _keeps_owner(self, connection: AsyncConnection, by: SignedIn, user: str, *, still: bool) -> None:
        """Raises InvalidArguments where the organization would be left without an owner who can sign in."""
        if still:
            return
        owners = (
            select(memberships.c.user)
            .join(users, users.c.id == memberships.c.user)
            .where(memberships.c.organization == by.organization, memberships.c.role == Role.OWNER.value)
            .where(users.c.disabled.is_(False), users.c.kind == "person")
            .with_for_update(of=memberships)  # of two owners who remove each other at once, one is late
        )
        if set((await connection.execute(owners)).scalars()) <= {user}:
            raise InvalidArguments("This is the last owner.", "Make somebody else an owner first.")

    async def _end(self, connection: AsyncConnection, organization: str, user: str) -> None:
        ours = and_(sessions.c.organization == organization, sessions.c.user == user)
        await connection.execute(delete(sessions).where(ours))
        keys = and_(api_keys.c.organization == organization, api_keys.c.user == user, api_keys.c.revoked_at == 0)
        await connection.execute(update(api_keys).where(keys).values(revoked_at=self._now()))


class Standing:
    """A user's present role in an organization, for tokens that outlive a change: remembered `STANDING_SECONDS`."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._now = now
        self._known: dict[tuple[str, str], tuple[float, Member | None]] = {}

    async def member(self, organization: str, user: str) -> Member | None:
        """None where the user is no member, or disabled."""
        until, member = self._known.get((organization, user), (0.0, None))
        if until > self._now():
            return member
        query = _members().where(memberships.c.organization == organization, memberships.c.user == user)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query.where(users.c.disabled.is_(False)))).first()
        member = None if row is None else _member(row)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[organization, user] = (self._now() + STANDING_SECONDS, member)
        return member


def _members() -> Any:
    return select(
        users.c.id, users.c.kind, users.c.name, users.c.email, users.c.disabled,
        memberships.c.role, memberships.c.created_at,
    ).join(memberships, memberships.c.user == users.c.id)  # fmt: skip


def _member(row: Row[Any]) -> Member:
    return Member(row.id, row.kind, row.name, row.email, row.role, row.disabled, row.created_at)


def _place(by: SignedIn, user: str) -> Any:
    return and_(memberships.c.organization == by.organization, memberships.c.user == user)
