"""The pages of services: all of them, one of them with its tools, and one tool."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.api.endpoint import given
from trunkline.admin.api.services import STATUSES, OneService, OneTool, Services, ServicesQuery, ToolsQuery
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.contract import CATEGORIES, Effect
from trunkline.infra.http.web import Request, Response, html


@dataclass(frozen=True, slots=True)
class ServicePages:
    """For everybody who is signed in."""

    templates: Templates
    services: Services

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/services", Access.VIEWER, self.all)
        yield Route("GET", "/services/{service}", Access.VIEWER, self.one)
        yield Route("GET", "/tools/{tool}", Access.VIEWER, self.tool)

    async def all(self, request: Request) -> Response:
        query = given(ServicesQuery, request)
        found = await self.services.list(request.user, query)
        return self._page(request, "services.html", query=query, found=found, statuses=STATUSES, categories=CATEGORIES)

    async def one(self, request: Request) -> Response:
        query = given(ToolsQuery, request)
        service = await self.services.show(request.user, OneService(query.service))
        tools = await self.services.tools(request.user, query)
        return self._page(request, "service.html", query=query, service=service, found=tools, effects=tuple(Effect))

    async def tool(self, request: Request) -> Response:
        tool = await self.services.tool(request.user, given(OneTool, request))
        return self._page(request, "tool.html", tool=tool)

    def _page(self, request: Request, template: str, **values: object) -> Response:
        return html(self.templates.render(template, user=request.user, **values))
