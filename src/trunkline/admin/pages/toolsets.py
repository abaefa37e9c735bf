"""The pages of toolsets: all of them, and one with its cost, its URL, the lines for clients, and what it is made of.

What is chosen stands in the address until it is saved, so that searching and choosing need no script.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from trunkline.admin.api.endpoint import Nothing
from trunkline.admin.api.services import Services, ServicesQuery
from trunkline.admin.api.toolsets import NewToolset, OneToolset, Shown, Toolset, Toolsets
from trunkline.admin.clients import clients
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.contract import InvalidArguments, NotFound
from trunkline.economy.offered import LISTINGS
from trunkline.infra.http.web import Request, Response, html, redirect

PAGE: Final = "/toolsets"
_ONE: Final = PAGE + "/{toolset}"
_SERVICES: Final = 4  # of a search
G = TypeVar("G", OneToolset, NewToolset)
Find = Callable[[str], Sequence[tuple[str, int]]]
"""A request to the tools that fit it best, each with the tokens of listing it."""


class Draft(msgspec.Struct, frozen=True):
    """What is chosen, saved or not, and what a search found besides."""

    members: tuple[str, ...]
    search: str
    services: tuple[tuple[str, int], ...]  # id, number of tools
    tools: tuple[tuple[str, int], ...]  # name, tokens


@dataclass(frozen=True, slots=True)
class ToolsetPages:
    """Everybody of the organization sees them, admins change them."""

    templates: Templates
    toolsets: Toolsets
    services: Services
    find: Find

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.VIEWER, self.all)
        yield Route("POST", PAGE, Access.ADMIN, self.begin)
        yield Route("GET", _ONE, Access.VIEWER, self.one)
        yield Route("POST", _ONE, Access.ADMIN, self.save)
        yield Route("POST", _ONE + "/delete", Access.ADMIN, self.delete)

    async def all(self, request: Request) -> Response:
        found = await self.toolsets.list(request.user, Nothing())
        return html(self.templates.render("toolsets.html", user=request.user, found=found.toolsets))

    async def begin(self, request: Request) -> Response:
        """A name; the toolset is made when it is saved."""
        name = _read(OneToolset, toolset=request.form.get("name").strip()).toolset
        return redirect(f"{PAGE}/{name}")

    async def one(self, request: Request) -> Response:
        """Raises NotFound for those who cannot make it."""
        name = _read(OneToolset, toolset=request.params["toolset"]).toolset
        saved = await self._saved(request, name)
        draft = await self._draft(request, saved)
        shown = self._shown(draft.members)
        url = f"{self.toolsets.url}/mcp/t/{name}"
        values = {"called": name, "saved": saved, "draft": draft, "shown": shown, "url": url, "lines": clients(url)}
        return html(self.templates.render("toolset.html", user=request.user, listings=LISTINGS, **values))

    async def save(self, request: Request) -> Response:
        form = request.form
        given = {"summary": form.get("summary"), "listing": form.get("listing"), "members": form.all("member")}
        wanted = _read(NewToolset, toolset=request.params["toolset"], **given)
        await self.toolsets.save(request.user, wanted)
        return redirect(f"{PAGE}/{wanted.toolset}")

    async def delete(self, request: Request) -> Response:
        await self.toolsets.delete(request.user, _read(OneToolset, toolset=request.params["toolset"]))
        return redirect(PAGE)

    async def _saved(self, request: Request, name: str) -> Toolset | None:
        try:
            return await self.toolsets.show(request.user, OneToolset(name))
        except NotFound:
            if request.user.role not in (Access.ADMIN, Access.OWNER):
                raise
            return None

    async def _draft(self, request: Request, saved: Toolset | None) -> Draft:
        query, search = request.query, request.query.get("search").strip()[:200]
        members = query.all("member") if "search" in query else saved.members if saved else ()
        chosen = _members(members)
        if not search:
            return Draft(chosen, "", (), ())
        cards = (await self.services.list(request.user, ServicesQuery(search))).services[:_SERVICES]
        services = tuple((card.id, card.tools) for card in cards if card.id not in chosen)
        return Draft(chosen, search, services, tuple(each for each in self.find(search) if each[0] not in chosen))

    def _shown(self, members: tuple[str, ...]) -> Shown:
        return self.toolsets.shelf.shown(frozenset(members))


def _members(given: Sequence[str]) -> tuple[str, ...]:
    """Raises InvalidArguments."""
    return _read(NewToolset, toolset="any", members=tuple(dict.fromkeys(given))).members if given else ()


def _read(kind: type[G], **given: object) -> G:
    """Raises InvalidArguments."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as fault:
        raise InvalidArguments(str(fault), "Fill in the form again.") from None
