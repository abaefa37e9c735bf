"""Every route of the site. Rooms bring theirs as a function that returns `Route`s: mounting one is a line here."""

from collections.abc import Iterable

from trunkline.admin.oauth import OAuthSite
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route, Router
from trunkline.identity.oauth.server import AuthorizationServer
from trunkline.programs.identity import Identity
from trunkline.programs.settings import Settings


def router(settings: Settings, identity: Identity, authorization: AuthorizationServer) -> Router:
    templates = Templates()
    oauth = OAuthSite(authorization, identity.sessions, templates)
    routes = [*_routes(templates, identity), *oauth.routes()]
    return Router(routes, identity.sessions, settings.listen.url, templates.fault)


def _routes(templates: Templates, identity: Identity) -> Iterable[Route]:
    yield Route("GET", "/static/app.css", Access.OPEN, templates.css)
    yield from identity.routes(templates)
