"""The front door for people: from whoever came back from a provider to a session, or to a reason why not."""

from trunkline.contract import Fault, PolicyDenied
from trunkline.identity.accounts import Accounts, Person
from trunkline.identity.events import Events
from trunkline.identity.invitations import Invitations
from trunkline.identity.owner import OWNER
from trunkline.identity.owner_link import OwnerLinks
from trunkline.identity.ports import SignedIn
from trunkline.identity.sessions import BrowserSessions
from trunkline.identity.signin.flow import Back, Flow, Purpose
from trunkline.identity.signin.settings import PERSONAL_TENANT, Provider
from trunkline.infra.http.web import Fields


class Entrance:
    """Who may come in, and as whom. Every entrance and every refusal is an event."""

    def __init__(
        self, flow: Flow, accounts: Accounts, invitations: Invitations, sessions: BrowserSessions, events: Events
    ) -> None:
        self.flow = flow
        self._accounts = accounts
        self._invitations = invitations
        self._sessions = sessions
        self._events = events

    @property
    def providers(self) -> tuple[Provider, ...]:
        return tuple(door.provider for door in self.flow.doors.values())

    async def leave(self, provider: str, browser: str, purpose: Purpose) -> str:
        return await self.flow.leave(provider, browser, purpose)

    async def back(self, provider: str, browser: str, query: Fields, agent: str, current: str) -> tuple[str, str]:
        """The new session's secret, empty where the session stays, and where to go on to.

        `current` is the user whose session the browser has, if any. Raises Unauthenticated, PolicyDenied, Upstream….
        """
        try:
            back = await self.flow.back(provider, browser, query)
            if back.purpose.linking:
                return "", await self._link(back, current)
            return await self._enter(back, agent), back.purpose.next
        except Fault as fault:
            detail = {"provider": provider, "reason": fault.message}
            await self._events.record(OWNER.organization, "", "session.begin", outcome="refused", detail=detail)
            raise

    async def by_link(self, links: OwnerLinks, secret: str, agent: str) -> str:
        """The owner's session. Raises Unauthenticated."""
        await links.use(secret)
        session = await self._sessions.begin(OWNER.subject, OWNER.organization, "link", agent)
        await self._events.record(
            OWNER.organization, OWNER.subject, "session.begin", OWNER.subject, detail={"by": "link"}
        )
        return session

    async def leave_session(self, user: SignedIn) -> None:
        await self._sessions.end(user, user.session)
        await self._events.record(user.organization, user.user, "session.end", user.session)

    async def _link(self, back: Back, current: str) -> str:
        """Explicit, and by the very user who asked: another's session in this browser by now is refused."""
        if back.purpose.linking != current:
            raise PolicyDenied("You are not signed in as who asked for this.", "Open your account page and try again.")
        await self._accounts.link(current, back.person)
        for organization, _ in await self._accounts.organizations(current):
            detail = {"issuer": back.person.issuer, "label": back.person.label}
            await self._events.record(organization, current, "identity.link", back.person.subject, detail=detail)
        return back.purpose.next

    async def _enter(self, back: Back, agent: str) -> str:
        person = back.person
        user = await self._accounts.find(person)
        organization = ""
        if back.purpose.invitation:
            invitation = await self._invitations.of_digest(back.purpose.invitation)
            user = await self._invitations.accept(invitation, person, user)
            organization = invitation.organization
            detail = {"role": invitation.role}
            await self._events.record(organization, user, "invitation.accept", invitation.id, detail=detail)
        elif user is None:
            user = await self._join(person)
        return await self._begin(user, organization, person, agent)

    async def _join(self, person: Person) -> str:
        """Without an invitation only whoever the provider's settings let in. Raises PolicyDenied."""
        provider = self.flow.doors[person.provider].provider
        if not provider.join or PERSONAL_TENANT in person.issuer:
            raise PolicyDenied("Nobody here knows this account.", "Ask an owner for an invitation.")
        user = await self._invitations.admit(person, OWNER.organization, provider.role)
        detail = {"issuer": person.issuer, "role": provider.role}
        await self._events.record(OWNER.organization, user, "member.join", user, detail=detail)
        return user

    async def _begin(self, user: str, organization: str, person: Person, agent: str) -> str:
        theirs = [id for id, _ in await self._accounts.organizations(user)]
        if not theirs:
            raise PolicyDenied("This account belongs to no organization.", "Ask an owner for an invitation.")
        chosen = organization or theirs[0]
        session = await self._sessions.begin(user, chosen, person.provider, agent)
        await self._events.record(chosen, user, "session.begin", user, detail={"provider": person.provider})
        return session
