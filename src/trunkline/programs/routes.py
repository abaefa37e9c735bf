"""Every route of the site. Rooms bring theirs as a function that returns `Route`s: mounting one is a line here."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.admin.oauth import OAuthSite
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route, Router
from trunkline.identity.oauth.server import AuthorizationServer
from trunkline.identity.ports import Browsers, SignedIn
from trunkline.infra.http.asgi import Scope
from trunkline.programs.settings import Settings


class _Nobody:
    async def signed_in(self, scope: Scope) -> SignedIn | None:
        return None


def router(settings: Settings, _engine: AsyncEngine, authorization: AuthorizationServer) -> Router:
    templates = Templates()
    browsers: Browsers = _Nobody()
    oauth = OAuthSite(authorization, browsers, templates)
    return Router([*_routes(templates), *oauth.routes()], browsers, settings.listen.url)


def _routes(templates: Templates) -> Iterable[Route]:
    yield Route("GET", "/static/app.css", Access.OPEN, templates.css)
