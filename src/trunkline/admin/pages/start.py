"""The page of the first steps: a key, the line that connects a client, and a call that shows that it works."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.api.endpoint import Nothing
from trunkline.admin.api.keys import Keys, NewKey
from trunkline.admin.api.start import Start, Tried
from trunkline.admin.clients import clients
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.infra.http.web import Request, Response, html

PAGE = "/start"


@dataclass(frozen=True, slots=True)
class StartPages:
    """For everybody who is signed in. The key is on the page that answers the form, and nowhere afterwards."""

    templates: Templates
    start: Start
    keys: Keys

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.VIEWER, self.show)
        yield Route("POST", PAGE, Access.VIEWER, self.make_key)
        yield Route("POST", PAGE + "/call", Access.VIEWER, self.attempt)

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def make_key(self, request: Request) -> Response:
        wanted = NewKey(request.form.get("name"))
        return await self._page(request, key=(await self.keys.create(request.user, wanted)).key)

    async def attempt(self, request: Request) -> Response:
        return await self._page(request, tried=await self.start.attempt(request.user, Nothing()))

    async def _page(self, request: Request, key: str = "", tried: Tried | None = None) -> Response:
        steps = await self.start.show(request.user, Nothing())
        lines = clients(steps.url, key) if key else ()
        values = {"user": request.user, "steps": steps, "key": key, "lines": lines, "tried": tried}
        return html(self.templates.render("start.html", **values))
