"""The page of one's own account: ways to sign in, allowed clients, sessions, API keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.api.keys import Keys, KeysQuery, NewKey, OneKey
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.contract import InvalidArguments
from trunkline.identity.accounts import Accounts
from trunkline.identity.api_keys import split_toolsets
from trunkline.identity.events import Events
from trunkline.identity.oauth.allowed import AllowedClients
from trunkline.identity.ports import SignedIn
from trunkline.identity.sessions import BrowserSessions
from trunkline.identity.signin.settings import Provider
from trunkline.infra.http.web import Fields, Request, Response, html, redirect

_PAGE = "/account"


@dataclass(frozen=True, slots=True)
class AccountPages:
    """Everything here is about the asking user alone."""

    templates: Templates
    accounts: Accounts
    sessions: BrowserSessions
    keys: Keys
    events: Events
    clients: AllowedClients
    providers: tuple[Provider, ...]

    def routes(self) -> Iterable[Route]:
        yield Route("GET", _PAGE, Access.VIEWER, self.show)
        yield Route("POST", "/account/sessions/{session}/end", Access.VIEWER, self.end_session)
        yield Route("POST", "/account/identities/{identity}/remove", Access.VIEWER, self.remove_identity)
        yield Route("POST", "/account/organization", Access.VIEWER, self.move)
        yield Route("POST", "/account/clients/{grant}/revoke", Access.VIEWER, self.revoke_client)
        yield Route("POST", "/account/keys", Access.VIEWER, self.create_key)
        yield Route("POST", "/account/keys/{key}/revoke", Access.VIEWER, self.revoke_key)

    async def show(self, request: Request) -> Response:
        return await self._page(request.user)

    async def end_session(self, request: Request) -> Response:
        user: SignedIn = request.user
        await self.sessions.end(user, request.params["session"])
        await self.events.record(user.organization, user.user, "session.end", request.params["session"])
        return redirect(_PAGE)

    async def remove_identity(self, request: Request) -> Response:
        user: SignedIn = request.user
        await self.accounts.unlink(user.user, request.params["identity"])
        await self.events.record(user.organization, user.user, "identity.remove", request.params["identity"])
        return redirect(_PAGE)

    async def move(self, request: Request) -> Response:
        await self.sessions.move(request.user, request.form.get("organization"))
        return redirect(_PAGE)

    async def create_key(self, request: Request) -> Response:
        made = await self.keys.create(request.user, wanted_key(request.form))
        return await self._page(request.user, made.key)

    async def revoke_key(self, request: Request) -> Response:
        await self.keys.revoke(request.user, OneKey(request.params["key"]))
        return redirect(_PAGE)

    async def revoke_client(self, request: Request) -> Response:
        await self.clients.take_back(request.user, request.params["grant"])
        return redirect(_PAGE)

    async def _page(self, user: SignedIn, key: str = "") -> Response:
        organizations = await self.accounts.organizations(user.user)
        return html(
            self.templates.render(
                "account.html",
                user=user,
                key=key,
                organization=dict(organizations)[user.organization],
                organizations=organizations,
                providers=self.providers,
                identities=await self.accounts.identities(user.user),
                keys=(await self.keys.list(user, KeysQuery(user.user))).keys,
                clients=await self.clients.list(user),
                sessions=await self.sessions.list(user),
            )
        )


def wanted_key(form: Fields, user: str = "") -> NewKey:
    """What a form asks for; fields that it has besides are not looked at. Raises InvalidArguments."""
    days = form.get("days", "90")
    if not days.isdecimal() or len(days) > 5:
        raise InvalidArguments("The days must be a number.", "0 is for ever.")
    return NewKey(form.get("name"), split_toolsets(form.get("toolsets")), form.get("read_only") == "1", int(days), user)
