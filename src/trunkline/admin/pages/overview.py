"""The page of what happens now, and the stream that keeps it so."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.api.endpoint import Nothing
from trunkline.admin.api.overview import Overviews
from trunkline.admin.news import News
from trunkline.admin.pages.chart import bars
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.identity.ports import Browsers, SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.infra.http.web import Request, Response, html

PAGE = "/overview"


@dataclass(frozen=True, slots=True)
class OverviewPages:
    """For admins. A stream ends as soon as its session does, or acts for another organization, or lost the role."""

    templates: Templates
    overviews: Overviews
    news: News
    browsers: Browsers

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.ADMIN, self.show)
        yield Route("GET", PAGE + "/live", Access.ADMIN, self.live)

    async def show(self, request: Request) -> Response:
        return html(await self._render("overview.html", request.user))

    async def live(self, request: Request) -> Response:
        user: SignedIn = request.user

        async def part() -> bytes | None:
            now = await self.browsers.signed_in(request.scope)
            if now is None or now.organization != user.organization or not reaches(now.role, Role.ADMIN):
                return None
            return await self._render("now.html", now)

        return self.news.follow(user.user, part)

    async def _render(self, template: str, user: SignedIn) -> bytes:
        now = await self.overviews.show(user, Nothing())
        chart, titles = bars(now.traffic.minutes), self.overviews.titles
        return self.templates.render(template, user=user, now=now, chart=chart, titles=titles)
