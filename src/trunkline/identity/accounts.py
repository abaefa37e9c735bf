"""Users and how they sign in. An identity is issuer and subject, never an e-mail address."""

import time
from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.contract import InvalidArguments, NotFound, PolicyDenied
from trunkline.identity.owner import OWNER
from trunkline.identity.roles import Role
from trunkline.identity.tokens import new_id
from trunkline.infra.tables import identities, memberships, organizations, users

_LONGEST: Final = 200  # characters of a name or an address that is kept


class Person(msgspec.Struct, frozen=True):
    """Who a provider says is signing in. `email` is empty unless the provider verified it."""

    issuer: str
    subject: str
    provider: str
    name: str
    email: str
    label: str  # what people recognise the identity by: its address, or its login


class Identity(msgspec.Struct, frozen=True):
    """A way in, as its user sees it."""

    id: str
    issuer: str
    provider: str
    label: str
    created_at: float
    seen_at: float


class Accounts:
    """Users across organizations: an account may belong to several. Everything here is about one's own account."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def ensure_owner(self) -> None:
        """The first organization and its owner, if they are not there yet."""
        now = self._now()
        organization = {"id": OWNER.organization, "name": "Local", "created_at": now}
        user = {"id": OWNER.subject, "kind": "person", "name": OWNER.name, "email": "", "disabled": False}
        member = {"organization": OWNER.organization, "user": OWNER.subject, "role": Role.OWNER.value}
        try:
            async with self._engine.begin() as connection:
                if (await connection.execute(select(users.c.id).where(users.c.id == OWNER.subject))).first() is None:
                    await connection.execute(insert(organizations).values(**organization))
                    await connection.execute(insert(users).values(**user, created_at=now))
                    await connection.execute(insert(memberships).values(**member, created_at=now))
        except IntegrityError:
            return  # another process was faster

    async def find(self, person: Person) -> str | None:
        """The user with this identity. Raises PolicyDenied where that user is disabled."""
        ours = (identities.c.issuer == person.issuer, identities.c.subject == person.subject)
        query = select(users.c.id, users.c.disabled).join(identities, identities.c.user == users.c.id).where(*ours)
        async with self._engine.begin() as connection:
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            if row.disabled:
                raise PolicyDenied("This account is disabled.", "Ask an owner of the organization.")
            seen = {"seen_at": self._now(), "label": _cut(person.label)}
            await connection.execute(update(identities).where(*ours).values(**seen))
            return str(row.id)

    async def known(self, issuer: str, subject: str) -> tuple[str, str] | None:
        """Id and name of the user with this identity; None where there is none, or a disabled one."""
        theirs = (identities.c.issuer == issuer, identities.c.subject == subject, users.c.disabled.is_(False))
        query = select(users.c.id, users.c.name).join(identities, identities.c.user == users.c.id).where(*theirs)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else (row.id, row.name)

    async def create(self, connection: AsyncConnection, person: Person) -> str:
        """A new user with this one identity, inside the caller's transaction."""
        user = new_id()
        await connection.execute(
            insert(users).values(
                id=user,
                kind="person",
                name=_cut(person.name or person.label),
                email=_cut(person.email),
                disabled=False,
                created_at=self._now(),
            )
        )
        await self._add(connection, user, person)
        return user

    async def link(self, user: str, person: Person) -> None:
        """A further identity for `user`, who asked for it. Raises InvalidArguments where it is someone's already."""
        try:
            async with self._engine.begin() as connection:
                await self._add(connection, user, person)
        except IntegrityError:
            raise InvalidArguments("This sign-in belongs to an account already.", "Use another one.") from None

    async def unlink(self, user: str, identity: str) -> None:
        """Raises NotFound where it is not the user's, InvalidArguments where it is the last way in."""
        async with self._engine.begin() as connection:
            query = select(identities.c.id).where(identities.c.user == user).with_for_update()
            theirs = set((await connection.execute(query)).scalars())
            if identity not in theirs:
                raise NotFound("You have no such sign-in.", "Your account page lists them.")
            if len(theirs) == 1 and user != OWNER.subject:
                raise InvalidArguments("This is the last way to sign in.", "Add another one first.")
            await connection.execute(delete(identities).where(identities.c.id == identity))

    async def identities(self, user: str) -> tuple[Identity, ...]:
        query = select(identities).where(identities.c.user == user).order_by(identities.c.created_at)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query)
            return tuple(Identity(r.id, r.issuer, r.provider, r.label, r.created_at, r.seen_at) for r in rows)

    async def organizations(self, user: str) -> tuple[tuple[str, str], ...]:
        """Id and name of each organization that `user` belongs to, the oldest membership first."""
        query = (
            select(organizations.c.id, organizations.c.name)
            .join(memberships, memberships.c.organization == organizations.c.id)
            .where(memberships.c.user == user)
            .order_by(memberships.c.created_at, organizations.c.id)
        )
        async with self._engine.connect() as connection:
            return tuple((row.id, row.name) for row in await connection.execute(query))

    async def found(self, user: str, name: str) -> str:
        """A new organization owned by `user`; its id. Raises InvalidArguments for a name that is none."""
        if not name.strip():
            raise InvalidArguments("An organization needs a name.", "")
        organization, now = new_id(), self._now()
        member = {"organization": organization, "user": user, "role": Role.OWNER.value, "created_at": now}
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(organizations).values(id=organization, name=_cut(name.strip()), created_at=now)
            )
            await connection.execute(insert(memberships).values(**member))
        return organization

    async def _add(self, connection: AsyncConnection, user: str, person: Person) -> None:
        now = self._now()
        await connection.execute(
            insert(identities).values(
                id=new_id(),
                user=user,
                issuer=person.issuer,
                subject=person.subject,
                provider=person.provider,
                label=_cut(person.label),
                created_at=now,
                seen_at=now,
            )
        )


def _cut(text: str) -> str:
    """Printable characters only: neither line breaks nor marks that turn the direction of writing."""
    return "".join(each for each in text if each.isprintable())[:_LONGEST]
