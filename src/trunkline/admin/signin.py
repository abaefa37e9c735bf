"""Pages of signing in and out: /login, /auth/…, /invite/…, the owner's link."""

from collections.abc import Iterable
from urllib.parse import urlencode

from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.identity.entrance import Entrance
from trunkline.identity.invitations import Invitations
from trunkline.identity.owner_link import OwnerLinks
from trunkline.identity.ports import SignedIn
from trunkline.identity.sessions import BrowserSessions, Cookies
from trunkline.identity.signin.flow import Purpose, local_path
from trunkline.identity.tokens import digest, new_secret
from trunkline.infra.http.web import Request, Response, html, redirect


class SignInPages:
    """`url` is ours: whoever comes by another name of this machine is sent there, where the cookies are good."""

    def __init__(
        self,
        templates: Templates,
        entrance: Entrance,
        links: OwnerLinks,
        invitations: Invitations,
        sessions: BrowserSessions,
        url: str,
    ) -> None:
        self._templates = templates
        self._entrance = entrance
        self._links = links
        self._invitations = invitations
        self._sessions = sessions
        self._cookies = Cookies(url)
        self._url = url

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/login", Access.OPEN, self.login)
        yield Route("GET", "/login/link/{secret}", Access.OPEN, self.link)
        yield Route("POST", "/login/link/{secret}", Access.OPEN, self.use_link)
        yield Route("GET", "/invite/{secret}", Access.OPEN, self.invited)
        yield Route("GET", "/auth/{provider}/start", Access.OPEN, self.start)
        yield Route("GET", "/auth/{provider}/callback", Access.OPEN, self.back)
        yield Route("POST", "/account/link/{provider}", Access.VIEWER, self.add)
        yield Route("POST", "/logout", Access.VIEWER, self.leave)

    async def login(self, request: Request) -> Response:
        next = local_path(request.query.get("next", "/account"))
        if elsewhere := self._elsewhere(request):
            return elsewhere
        if await self._sessions.signed_in(request.scope) is not None:
            return redirect(next)
        query = urlencode({"next": next})
        return html(
            self._templates.render("login.html", providers=self._entrance.providers, query=query, invitation=None)
        )

    async def invited(self, request: Request) -> Response:
        if elsewhere := self._elsewhere(request):
            return elsewhere
        secret = request.params["secret"]
        invitation = await self._invitations.find(secret)
        query = urlencode({"invitation": secret})
        return html(
            self._templates.render("login.html", providers=self._entrance.providers, query=query, invitation=invitation)
        )

    async def start(self, request: Request) -> Response:
        if elsewhere := self._elsewhere(request):
            return elsewhere
        invitation = request.query.get("invitation")
        purpose = Purpose(
            local_path(request.query.get("next", "/account")), invitation=digest(invitation) if invitation else ""
        )
        return await self._to_provider(request, purpose)

    async def back(self, request: Request) -> Response:
        user = await self._sessions.signed_in(request.scope)
        secret, next = await self._entrance.back(
            request.params["provider"],
            self._cookies.browser(request.scope),
            request.query,
            _agent(request),
            "" if user is None else user.user,
        )
        answer = redirect(next)
        return answer.with_headers(self._cookies.set_session(secret)) if secret else answer

    async def add(self, request: Request) -> Response:
        user: SignedIn = request.user
        answer = await self._to_provider(request, Purpose("/account", linking=user.user))
        location = dict(answer.headers)[b"location"].decode()
        # A form may lead to our own pages only, so the browser goes on to the provider by itself.
        onward = (b"refresh", f"0; url={location}".encode("ascii"))
        cookies = [pair for pair in answer.headers if pair[0] == b"set-cookie"]
        return html(self._templates.render("onward.html", user=user, location=location)).with_headers(onward, *cookies)

    async def link(self, request: Request) -> Response:
        """Looking at the link does not use it up: programs that preview links look, too."""
        if elsewhere := self._elsewhere(request):
            return elsewhere
        self._links.check(request.params["secret"])
        return html(self._templates.render("link.html"))

    async def use_link(self, request: Request) -> Response:
        secret = await self._entrance.by_link(self._links, request.params["secret"], _agent(request))
        return redirect("/start").with_headers(self._cookies.set_session(secret))

    async def leave(self, request: Request) -> Response:
        user: SignedIn = request.user
        await self._entrance.leave_session(user)
        return redirect("/login").with_headers(self._cookies.drop_session())

    async def _to_provider(self, request: Request, purpose: Purpose) -> Response:
        browser = self._cookies.browser(request.scope)
        more = () if browser else (self._cookies.set_browser(browser := new_secret()),)
        return redirect(await self._entrance.leave(request.params["provider"], browser, purpose)).with_headers(*more)

    def _elsewhere(self, request: Request) -> Response | None:
        """To ourselves by our own name: cookies of `localhost` are not those of `127.0.0.1`."""
        host = request.headers.get(b"host", b"").decode("latin-1").lower()
        if not host or host == self._url.partition("://")[2].lower():
            return None
        query = request.scope.get("query_string", b"").decode("latin-1")
        return redirect(self._url + request.path + (f"?{query}" if query else ""))


def _agent(request: Request) -> str:
    return request.headers.get(b"user-agent", b"").decode("latin-1")
