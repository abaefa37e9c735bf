"""Every route of the site. Rooms bring theirs as a function that returns `Route`s: mounting one is a line here."""

from collections.abc import Callable, Iterable

from trunkline.admin.oauth import OAuthSite
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route, Router
from trunkline.identity.oauth.server import AuthorizationServer
from trunkline.programs.identity import Identity
from trunkline.programs.settings import Settings

More = Callable[[Templates], Iterable[Route]]


def router(settings: Settings, identity: Identity, authorization: AuthorizationServer, more: Iterable[More]) -> Router:
    """`more` are rooms that bring their own."""
    templates = Templates()
    oauth = OAuthSite(authorization, identity.sessions, templates)
    others = [route for room in more for route in room(templates)]
    routes = [*_routes(templates), *identity.routes(templates, authorization.clients), *oauth.routes(), *others]
    templates.offer(route.path for route in routes)
    return Router(routes, identity.sessions, settings.listen.url, templates.fault)


def _routes(templates: Templates) -> Iterable[Route]:
    yield Route("GET", "/static/{file}", Access.OPEN, templates.file)
