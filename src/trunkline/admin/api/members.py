"""Members of the organization: who they are, what they may, where they are signed in; invitations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given, Nothing, Page, Title, Word
from trunkline.admin.api.paging import paged
from trunkline.contract import NotFound
from trunkline.identity.events import Events
from trunkline.identity.invitations import Invitation, Invitations
from trunkline.identity.members import Member, Members
from trunkline.identity.ports import SignedIn
from trunkline.identity.presence import Presence
from trunkline.identity.roles import Role
from trunkline.identity.sessions import Session

PAGE_SIZE: Final = 50
Email = Annotated[str, Meta(pattern=r"^([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,100})?$")]
UserId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class MembersQuery(Given, frozen=True):
    """`search` is looked for in names and addresses."""

    search: Word = ""
    role: Role | None = None
    page: Page = 1


class MemberRow(msgspec.Struct, frozen=True):
    """`seen_at` is when they last signed in, opened a page or called with a key; 0: never, as far as is known."""

    member: Member
    seen_at: float


class MemberList(msgspec.Struct, frozen=True):
    """One page of `total`, the longest here first."""

    members: tuple[MemberRow, ...]
    total: int
    page: int
    pages: int


class OneMember(Given, frozen=True):
    user: UserId


class MemberDetail(msgspec.Struct, frozen=True):
    """`sessions` are those that act for this organization."""

    member: Member
    seen_at: float
    sessions: tuple[Session, ...]


class NewRole(Given, frozen=True):
    user: UserId
    role: Role


class Disabling(Given, frozen=True):
    user: UserId
    disabled: bool


class OneSession(Given, frozen=True):
    user: UserId
    session: UserId


class NewService(Given, frozen=True):
    """A service account: for a program, with keys and no way to sign in."""

    name: Title
    role: Role = Role.MEMBER


class MadeService(msgspec.Struct, frozen=True):
    user: str


class NewInvitation(Given, frozen=True):
    """Without an address whoever has the link may accept it."""

    role: Role = Role.MEMBER
    email: Email = ""


class MadeInvitation(msgspec.Struct, frozen=True):
    """The link, told this once."""

    url: str


class OneInvitation(Given, frozen=True):
    invitation: UserId


class InvitationList(msgspec.Struct, frozen=True):
    invitations: tuple[Invitation, ...]


@dataclass(frozen=True, slots=True)
class MemberRoom:
    """For admins: what they may do to whom is decided in `identity`, and every act is written down. `url` is ours."""

    members: Members
    invitations: Invitations
    presence: Presence
    events: Events
    url: str

    def endpoints(self) -> Iterable[Endpoint]:
        one, admin = "/members/{user}", Role.ADMIN
        yield Endpoint("GET", "/members", admin, "Members", self.list, MembersQuery, MemberList)
        yield Endpoint("POST", "/members", admin, "Adds a service account", self.add_service, NewService, MadeService)
        yield Endpoint("GET", one, admin, "A member", self.show, OneMember, MemberDetail)
        yield Endpoint("DELETE", one, admin, "Removes a member", self.remove, OneMember)
        yield Endpoint("POST", f"{one}/role", admin, "Gives a role", self.set_role, NewRole)
        yield Endpoint("POST", f"{one}/disabled", admin, "Disables or enables", self.set_disabled, Disabling)
        yield Endpoint("DELETE", f"{one}/sessions", admin, "Ends all sessions", self.end_all, OneMember)
        yield Endpoint("DELETE", one + "/sessions/{session}", admin, "Ends a session", self.end, OneSession)
        yield Endpoint("GET", "/invitations", admin, "Invitations", self.invited, answer=InvitationList)
        yield Endpoint("POST", "/invitations", admin, "Invites somebody", self.invite, NewInvitation, MadeInvitation)
        yield Endpoint("DELETE", "/invitations/{invitation}", admin, "Revokes one", self.revoke, OneInvitation)

    async def list(self, by: SignedIn, given: MembersQuery) -> MemberList:
        words = given.search.lower().split()
        found = [
            member
            for member in await self.members.list(by)
            if given.role in (None, member.role)
            and all(word in f"{member.name} {member.email}".lower() for word in words)
        ]
        shown, *numbers = paged(found, given.page, PAGE_SIZE)
        seen = await self.presence.last_seen(by, (member.user for member in shown))
        return MemberList(tuple(MemberRow(member, seen.get(member.user, 0.0)) for member in shown), *numbers)

    async def show(self, by: SignedIn, given: OneMember) -> MemberDetail:
        """Raises NotFound, and PolicyDenied for somebody above `by`."""
        member = next((each for each in await self.members.list(by) if each.user == given.user), None)
        if member is None:
            raise NotFound("There is no such member.", "The members page lists them.")
        seen = await self.presence.last_seen(by, (member.user,))
        return MemberDetail(member, seen.get(member.user, 0.0), await self.presence.sessions(by, member.user))

    async def add_service(self, by: SignedIn, given: NewService) -> MadeService:
        user = await self.members.add_service(by, given.name, given.role)
        await self._note(by, "service.create", user, role=given.role)
        return MadeService(user)

    async def set_role(self, by: SignedIn, given: NewRole) -> Nothing:
        await self.members.set_role(by, given.user, given.role)
        return await self._note(by, "member.role", given.user, role=given.role)

    async def set_disabled(self, by: SignedIn, given: Disabling) -> Nothing:
        await self.members.set_disabled(by, given.user, given.disabled)
        return await self._note(by, "user.disable" if given.disabled else "user.enable", given.user)

    async def remove(self, by: SignedIn, given: OneMember) -> Nothing:
        await self.members.remove(by, given.user)
        return await self._note(by, "member.remove", given.user)

    async def end(self, by: SignedIn, given: OneSession) -> Nothing:
        await self.presence.end(by, given.user, given.session)
        return await self._note(by, "session.end", given.session, user=given.user)

    async def end_all(self, by: SignedIn, given: OneMember) -> Nothing:
        await self.presence.end(by, given.user)
        return await self._note(by, "session.end", "all", user=given.user)

    async def invited(self, by: SignedIn, _given: Given) -> InvitationList:
        return InvitationList(await self.invitations.list(by))

    async def invite(self, by: SignedIn, given: NewInvitation) -> MadeInvitation:
        secret = await self.invitations.create(by, given.role, given.email)
        await self._note(by, "invitation.create", "", role=given.role)
        return MadeInvitation(f"{self.url}/invite/{secret}")

    async def revoke(self, by: SignedIn, given: OneInvitation) -> Nothing:
        await self.invitations.revoke(by, given.invitation)
        return await self._note(by, "invitation.revoke", given.invitation)

    async def _note(self, by: SignedIn, act: str, target: str, **detail: str) -> Nothing:
        await self.events.record(by.organization, by.user, act, target, detail=detail)
        return Nothing()
