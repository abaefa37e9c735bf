"""The page of the audit log: filters, page by page, files to take away, the check of its chains."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from trunkline.admin.api.audit import Audit, AuditExport, AuditQuery, ChainCheck, OneCall
from trunkline.admin.api.endpoint import Nothing, given
from trunkline.admin.pages.chart import waterfall
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.infra.http.web import Request, Response, html

_OUTCOMES = (
    ("ok", "Succeeded"), ("failed", "Failed"), ("policy_denied", "Refused by policy"),
    ("needs_connection", "Not connected"), ("invalid_arguments", "Bad arguments"),
    ("upstream_failed", "Service failed"), ("upstream_timeout", "Too slow"), ("cancelled", "Given up"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditPages:
    """For admins; the check is for owners."""

    templates: Templates
    audit: Audit

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/audit", Access.ADMIN, self.show)
        yield Route("GET", "/audit/{call}", Access.ADMIN, self.one)
        yield Route("POST", "/audit/check", Access.OWNER, self.check)

    async def show(self, request: Request) -> Response:
        return await self._page(request, given(AuditQuery, request))

    async def one(self, request: Request) -> Response:
        found = await self.audit.show(request.user, given(OneCall, request))
        chart = waterfall(found.stages)
        return html(self.templates.render("call.html", user=request.user, found=found, call=found.call, chart=chart))

    async def check(self, request: Request) -> Response:
        return await self._page(request, AuditQuery(), await self.audit.check(request.user, Nothing()))

    async def _page(self, request: Request, query: AuditQuery, checked: ChainCheck | None = None) -> Response:
        found = await self.audit.list(request.user, query)
        export = {name: getattr(query, name) or "" for name in AuditExport.__struct_fields__}
        return html(
            self.templates.render(
                "audit.html",
                user=request.user,
                query=query,
                found=found,
                outcomes=_OUTCOMES,
                checked=checked,
                export=urlencode(export),
            )
        )
