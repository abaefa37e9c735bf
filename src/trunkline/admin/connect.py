"""The pages where a person connects services: one a service, and where providers send back to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from trunkline.admin.api.connections import visitor_of
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.connections.flow import CALLBACK, Flow, Parts, Visitor, Wish
from trunkline.connections.links import Links
from trunkline.contract import AuthScheme, InvalidArguments, NotFound, PolicyDenied, Service, Variable
from trunkline.identity.ports import SignedIn
from trunkline.infra.http.web import Fields, Request, Response, html, redirect

_SECRET, _VARIABLE = "secret.", "variable."  # prefixes of the form's fields
_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class ConnectPages:
    """Everything here is about the asking user, and what admins connect for everybody."""

    templates: Templates
    parts: Parts
    flow: Flow
    links: Links
    services: Mapping[str, Service]

    def routes(self) -> Iterable[Route]:
        yield Route("GET", CALLBACK + "/{provider}", Access.MEMBER, self.answered)
        yield Route("GET", "/connect/{service}", Access.MEMBER, self.show)
        yield Route("POST", "/connect/{service}", Access.MEMBER, self.connect)

    async def show(self, request: Request) -> Response:
        service, visitor = self._service(request), visitor_of(request.user)
        link = request.query.get("for")
        if link and not self.links.is_for(link, visitor.principal, service.id):
            await self._refused(visitor, service)
            raise PolicyDenied("This link is for somebody else, or has expired.", "Ask your client for a new one.")
        return await self._page(request.user, service, done="done" in request.query)

    async def connect(self, request: Request) -> Response:
        service, visitor, form = self._service(request), visitor_of(request.user), request.form
        wish = Wish(service, "shared" in form, _prefixed(form, _VARIABLE))
        try:
            if form.get("way") == "oauth":
                return redirect(await self.flow.begin(visitor, wish))
            await self.flow.with_key(visitor, wish, _prefixed(form, _SECRET))
        except InvalidArguments as fault:
            return await self._page(request.user, service, fault=fault)
        return redirect(f"/connect/{service.id}?done=1")

    async def answered(self, request: Request) -> Response:
        if request.query.repeated():
            raise InvalidArguments("A parameter comes more than once.", "Begin again.")
        made = await self.flow.finish(visitor_of(request.user), request.params["provider"], dict(request.query.pairs))
        return redirect(f"/connect/{made.service}?done=1")

    async def _page(
        self, user: SignedIn, service: Service, *, done: bool = False, fault: InvalidArguments | None = None
    ) -> Response:
        scheme = await self.flow.scheme(user.organization, service)
        config = await self.parts.apps.config(user.organization, service.connection)
        body = self.templates.render(
            "connect.html",
            user=user,
            service=service,
            oauth=scheme,
            provider=self._provider_title(scheme),
            ways=_ways(service),
            variables=await self._variables(user.organization, service, scheme),
            who=config.who if config.said else "",
            done=done,
            fault=fault,
        )
        return html(body, _UNPROCESSABLE if fault else 200, form_targets=self._targets(scheme))

    def _provider_title(self, scheme: AuthScheme | None) -> str:
        return "" if scheme is None else self.parts.apps.providers.find(scheme.oauth2).title

    def _targets(self, scheme: AuthScheme | None) -> tuple[str, ...]:
        """Where the form may lead: to the provider, whose host may be one that is typed in it."""
        if scheme is None:
            return ()
        parts = urlsplit(self.parts.apps.providers.find(scheme.oauth2).authorize)
        return ("https:",) if "{" in parts.netloc else (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()

    async def _variables(self, organization: str, service: Service, scheme: AuthScheme | None) -> dict[str, Variable]:
        """What must be said besides: variables of service and provider, less what the app says or an answer tells."""
        ways = [scheme] if scheme is not None else _ways(service)
        needed = {name for way in ways for name in service.needs(way)} if ways else service.variables.keys()
        wanted = {name: variable for name, variable in service.variables.items() if name in needed}
        if scheme is None:
            return wanted
        provider = self.parts.apps.providers.find(scheme.oauth2)
        app = await self.parts.apps.find(organization, provider.id)
        said = {*provider.callback.values(), *(app.variables if app is not None else ())}
        said |= {learned.variable for learned in (provider.instance, provider.tenants) if learned is not None}
        return {name: variable for name, variable in (wanted | provider.variables).items() if name not in said}

    def _service(self, request: Request) -> Service:
        service = self.services.get(request.params["service"])
        if service is None:
            raise NotFound("There is no such service.", "Look at /connections.")
        return service

    async def _refused(self, visitor: Visitor, service: Service) -> None:
        principal = visitor.principal
        await self.parts.events.record(
            principal.organization,
            principal.subject,
            "connection.create",
            service.connection,
            outcome="refused",
            detail={"reason": "a link for somebody else, or one that has expired"},
        )


def _ways(service: Service) -> list[AuthScheme]:
    """The ways to connect with something that is pasted, each set of fields once."""
    found: dict[tuple[str, ...], AuthScheme] = {}
    for scheme in service.auth:
        found.setdefault(scheme.fields, scheme)
    return list(found.values())


def _prefixed(form: Fields, prefix: str) -> dict[str, Any]:
    pairs = ((name.removeprefix(prefix), value) for name, value in form.pairs if name.startswith(prefix))
    return {name: value for name, value in pairs if value or prefix == _SECRET}
