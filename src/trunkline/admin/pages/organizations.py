"""The organizations that whoever asks may act for: a part of every page's head, fetched when it is opened."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.identity.accounts import Accounts
from trunkline.infra.http.web import Request, Response, html


@dataclass(frozen=True, slots=True)
class Organizations:
    """For everybody who is signed in."""

    templates: Templates
    accounts: Accounts

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/organizations", Access.VIEWER, self.list)

    async def list(self, request: Request) -> Response:
        organizations = await self.accounts.organizations(request.user.user)
        return html(self.templates.render("organizations.html", user=request.user, organizations=organizations))
