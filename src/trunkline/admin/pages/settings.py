"""The page of settings: what they are, and the few that are changed here."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from trunkline.admin.api.endpoint import Nothing
from trunkline.admin.api.settings import NewName, Rotating, SettingsRoom
from trunkline.admin.clients import clients
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.connections.keys.rotate import Rotated
from trunkline.contract import InvalidArguments
from trunkline.infra.http.web import Request, Response, html, redirect

PAGE = "/settings"


@dataclass(frozen=True, slots=True)
class SettingsPages:
    """For admins; what changes something is for owners."""

    templates: Templates
    room: SettingsRoom

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.ADMIN, self.show)
        yield Route("POST", PAGE + "/organization", Access.OWNER, self.rename)
        yield Route("POST", PAGE + "/keys/rotate", Access.OWNER, self.rotate)

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def rename(self, request: Request) -> Response:
        try:
            wanted = msgspec.convert({"name": request.form.get("name").strip()}, NewName)
        except msgspec.ValidationError:
            raise InvalidArguments("An organization has a short name.", "Fill in the form again.") from None
        await self.room.rename(request.user, wanted)
        return redirect(PAGE)

    async def rotate(self, request: Request) -> Response:
        done = await self.room.rotate(request.user, Rotating("fresh" in request.form))
        return await self._page(request, done)

    async def _page(self, request: Request, rotated: Rotated | None = None) -> Response:
        view = await self.room.show(request.user, Nothing())
        lines = clients(view.facts.url)
        values = {"user": request.user, "view": view, "facts": view.facts, "lines": lines, "rotated": rotated}
        return html(self.templates.render("settings.html", **values))
