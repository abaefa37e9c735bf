"""Invitations to an organization: a secret link that one person accepts, once."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.contract import InvalidArguments, NotFound
from trunkline.identity.accounts import Accounts, Person
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, checked, require
from trunkline.identity.tokens import digest, new_id, new_secret
from trunkline.infra.tables import invitations, memberships, organizations

INVITATION_SECONDS: Final = 7 * 24 * 3600.0


class Invitation(msgspec.Struct, frozen=True):
    """An invitation that waits. `email` may be empty: then whoever has the link may accept it."""

    id: str
    organization: str
    organization_name: str
    role: str
    email: str
    invited_by: str
    expires_at: float


class Invitations:
    def __init__(self, engine: AsyncEngine, accounts: Accounts, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._accounts = accounts
        self._now = now

    async def create(self, by: SignedIn, role: str, email: str = "") -> str:
        """The secret of the link. Raises PolicyDenied for a role above the asking user's, InvalidArguments."""
        wanted = checked(role)
        require(by.role, Role.ADMIN, "invite")
        require(by.role, wanted, f"invite somebody as {wanted}")
        address = email.strip().lower()
        if address and ("@" not in address or len(address) > 200 or not address.isprintable()):
            raise InvalidArguments("This is no e-mail address.", "Leave it empty for whoever has the link.")
        secret, now = new_secret(), self._now()
        row = {"id": new_id(), "organization": by.organization, "role": wanted.value, "email": address}
        row |= {"digest": digest(secret), "invited_by": by.user, "accepted_by": ""}
        async with self._engine.begin() as connection:
            await connection.execute(delete(invitations).where(invitations.c.expires_at < now))
            await connection.execute(
                insert(invitations).values(**row, created_at=now, expires_at=now + INVITATION_SECONDS)
            )
        return secret

    async def list(self, by: SignedIn) -> tuple[Invitation, ...]:
        """Those of the asking user's organization that nobody has accepted yet."""
        query = self._open().where(invitations.c.organization == by.organization)
        async with self._engine.connect() as connection:
            return tuple(_invitation(row) for row in await connection.execute(query))

    async def revoke(self, by: SignedIn, invitation: str) -> None:
        """Raises PolicyDenied, NotFound."""
        require(by.role, Role.ADMIN, "revoke invitations")
        ours = and_(invitations.c.organization == by.organization, invitations.c.id == invitation)
        gone = delete(invitations).where(ours, invitations.c.accepted_by == "").returning(invitations.c.id)
        async with self._engine.begin() as connection:
            if (await connection.execute(gone)).first() is None:
                raise NotFound("There is no such invitation.", "The members page lists them.")

    async def find(self, secret: str) -> Invitation:
        """Raises NotFound where it does not exist, was accepted, or is too old."""
        return await self.of_digest(digest(secret))

    async def of_digest(self, value: str) -> Invitation:
        """As `find`, by the digest that a sign-in under way remembers."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(self._open().where(invitations.c.digest == value))).first()
        if row is None:
            raise _gone()
        return _invitation(row)

    async def accept(self, invitation: Invitation, person: Person, user: str | None) -> str:
        """Makes `user`, or a new account for `person`, a member; the user's id.

        Raises InvalidArguments where the invitation names an address that the provider did not verify for `person`,
        NotFound where somebody else was faster.
        """
        if invitation.email and invitation.email != person.email.lower():
            raise InvalidArguments("This invitation is for another address.", "Sign in with the one it was sent to.")
        async with self._engine.begin() as connection:
            taken = (
                update(invitations)
                .where(invitations.c.id == invitation.id, invitations.c.accepted_by == "")
                .values(accepted_by=user or "new")
            )
            if not (await connection.execute(taken.returning(invitations.c.id))).first():
                raise _gone()
            member = user or await self._accounts.create(connection, person)
            await self.join(connection, invitation.organization, member, invitation.role)
            return member

    async def join(self, connection: AsyncConnection, organization: str, user: str, role: str) -> None:
        """A membership, inside the caller's transaction; a role that is there already stays."""
        place = and_(memberships.c.organization == organization, memberships.c.user == user)
        if (await connection.execute(select(memberships.c.role).where(place))).first() is None:
            row = {"organization": organization, "user": user, "role": checked(role).value, "created_at": self._now()}
            await connection.execute(insert(memberships).values(**row))

    async def admit(self, person: Person, organization: str, role: str) -> str:
        """A new account for somebody whom the provider's settings let in without an invitation; the user's id."""
        try:
            async with self._engine.begin() as connection:
                user = await self._accounts.create(connection, person)
                await self.join(connection, organization, user, role)
                return user
        except IntegrityError:
            found = await self._accounts.find(person)  # the same person, in another tab
            if found is None:
                raise
            return found

    def _open(self) -> Any:
        columns = (invitations, organizations.c.name.label("organization_name"))
        joined = select(*columns).join(organizations, organizations.c.id == invitations.c.organization)
        return joined.where(invitations.c.accepted_by == "", invitations.c.expires_at > self._now())


def _gone() -> NotFound:
    return NotFound("This invitation is not valid any more.", "Ask for a new one.")


def _invitation(row: Any) -> Invitation:
    return Invitation(
        row.id, row.organization, row.organization_name, row.role, row.email, row.invited_by, row.expires_at
    )
