"""The playground: a request ranked, the best or the chosen tool with what stands around it, and a call of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trunkline.admin.api.endpoint import Given
from trunkline.admin.api.playground import Playground, Question, Trial, Words
from trunkline.admin.api.services import OneService, OneTool, Services, ToolName
from trunkline.admin.api.start import Tried
from trunkline.admin.pages.arguments import OTHERS, arguments, inputs
from trunkline.admin.pages.neighbours import drawing
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.contract import InvalidArguments, PolicyDenied
from trunkline.identity.ports import SignedIn
from trunkline.infra.http.web import Fields, Request, Response, html

PAGE: Final = "/playground"
_CALL: Final = PAGE + "/call"


class Asked(Given, frozen=True):
    """What the address says: a request, a tool, both or nothing."""

    ask: Words | None = None
    tool: ToolName | None = None


@dataclass(frozen=True, slots=True)
class PlaygroundPages:
    """For everybody who is signed in; what a call may do is decided where it is made."""

    templates: Templates
    playground: Playground
    services: Services

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.VIEWER, self.show)
        yield Route("POST", _CALL, Access.VIEWER, self.call)

    async def show(self, request: Request) -> Response:
        return await self._page(request.user, _asked(request.query), Fields())

    async def call(self, request: Request) -> Response:
        """What is refused is told in the place of the answer, and the form keeps what was written into it."""
        asked, written = _asked(request.form), request.form
        if asked.tool is None:
            raise InvalidArguments("No tool is named.", "Choose one in the playground.")
        try:
            tried = await self._tried(request.user, asked.tool, written)
        except (InvalidArguments, PolicyDenied) as fault:
            tried = Tried(asked.tool, fault.code, f"{fault.message} {fault.hint}".strip(), 0.0)
        return await self._page(request.user, asked, written, tried)

    async def _tried(self, by: SignedIn, tool: str, written: Fields) -> Tried:
        """Raises InvalidArguments, NotFound, PolicyDenied."""
        schema = (await self.services.tool(by, OneTool(tool))).schema
        confirmed, whole = "confirmed" in written, "whole" in written
        return await self.playground.call(by, Trial(tool, arguments(schema, written), confirmed, whole))

    async def _page(self, by: SignedIn, asked: Asked, written: Fields, tried: Tried | None = None) -> Response:
        ranking = await self.playground.find(by, Question(asked.ask)) if asked.ask else None
        best = next((tool.name for tool in ranking.tools if not tool.needed_by), "") if ranking else ""
        values: dict[str, Any] = {"ask": asked.ask or "", "ranking": ranking, "tried": tried, "chosen": None}
        if name := asked.tool or best:
            values |= await self._chosen(by, name, written)
        return html(self.templates.render("playground.html", user=by, sandbox=self.playground.sandbox, **values))

    async def _chosen(self, by: SignedIn, name: str, written: Fields) -> dict[str, Any]:
        """Raises NotFound."""
        tool = await self.services.tool(by, OneTool(name))
        service = (await self.services.show(by, OneService(tool.service))).card
        graph = drawing(await self.playground.around(by, OneTool(name)))
        form = {"inputs": inputs(tool.schema, written), "others": written.get(OTHERS), "whole": "whole" in written}
        return {"chosen": tool, "service": service, "graph": graph, **form}


def _asked(given: Fields) -> Asked:
    """Raises InvalidArguments."""
    values = {name: value for name in ("ask", "tool") if (value := given.get(name).strip())}
    try:
        return msgspec.convert(values, Asked)
    except msgspec.ValidationError as fault:
        raise InvalidArguments(str(fault), "Ask in one line.") from None
