"""Identity put together: users, sign-in, sessions and keys over one database."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.admin.account import AccountPages
from trunkline.admin.api.keys import Keys
from trunkline.admin.api.members import MemberRoom
from trunkline.admin.pages.members import MemberPages
from trunkline.admin.render import Templates
from trunkline.admin.signin import SignInPages
from trunkline.admin.site import Route
from trunkline.identity.accounts import Accounts
from trunkline.identity.api_keys import ApiKeys
from trunkline.identity.entrance import Entrance
from trunkline.identity.events import Events
from trunkline.identity.invitations import Invitations
from trunkline.identity.issuers import TrustedIssuers
from trunkline.identity.members import Members, Standing
from trunkline.identity.oauth.allowed import AllowedClients
from trunkline.identity.owner_link import OwnerLinks
from trunkline.identity.presence import Presence
from trunkline.identity.sessions import BrowserSessions, Cookies
from trunkline.identity.signin.flow import Flow
from trunkline.identity.signin.github import GitHubDoor
from trunkline.identity.signin.metadata import Published
from trunkline.identity.signin.oidc import OpenIdDoor
from trunkline.identity.signin.provider import Door
from trunkline.identity.signin.settings import Provider
from trunkline.infra.clock import Clock, SystemClock
from trunkline.infra.fetch import Fetch


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site stands, and how it reaches providers. `url` is scheme://host:port."""

    url: str
    master: bytes
    providers: tuple[Provider, ...]
    fetch: Fetch


class Identity:
    """The parts, for whoever needs one. Call `start` before the first request."""

    def __init__(self, engine: AsyncEngine, site: Site, clock: Clock | None = None) -> None:
        now = (clock or SystemClock()).now
        monotonic = (clock or SystemClock()).monotonic
        self._site = site
        self.events = Events(engine, now)
        self.accounts = Accounts(engine, now)
        self.members = Members(engine, now)
        self.standing = Standing(engine, monotonic)
        self.keys = ApiKeys(engine, now)
        self.invitations = Invitations(engine, self.accounts, now)
        self.member_room = MemberRoom(self.members, self.invitations, Presence(engine), self.events, site.url)
        self.key_room = Keys(self.keys, self.events)
        self.sessions = BrowserSessions(engine, Cookies(site.url), now)
        self.links = OwnerLinks(engine, site.master, now)
        published = Published(site.fetch, monotonic)
        self.issuers = TrustedIssuers(site.providers, published, self.accounts)
        doors = {each.id: _door(each, site.fetch, published, clock or SystemClock()) for each in site.providers}
        flow = Flow(engine, doors, site.url, now)
        self.entrance = Entrance(flow, self.accounts, self.invitations, self.sessions, self.events)

    async def start(self) -> None:
        await self.accounts.ensure_owner()

    def routes(self, templates: Templates, clients: AllowedClients) -> Iterable[Route]:
        url = self._site.url
        yield from SignInPages(templates, self.entrance, self.links, self.invitations, self.sessions, url).routes()
        yield from AccountPages(
            templates, self.accounts, self.sessions, self.key_room, self.events, clients, self._site.providers
        ).routes()
        yield from MemberPages(templates, self.member_room, self.key_room).routes()


def _door(provider: Provider, fetch: Fetch, published: Published, clock: Clock) -> Door:
    if provider.kind == "github":
        return GitHubDoor(provider, fetch)
    return OpenIdDoor(provider, fetch, published, clock.now)
