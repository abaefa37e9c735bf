"""The page of connections: one's own, and those that serve everybody."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.api.connections import ConnectionRoom, ConnectionsQuery, OneConnection
from trunkline.admin.api.endpoint import given
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.connections.verify import Verdict
from trunkline.contract import Fault, NotFound
from trunkline.infra.http.web import Request, Response, html, redirect

PAGE = "/connections"


@dataclass(frozen=True, slots=True)
class ConnectionPages:
    """For everybody who is signed in; changes are for members, those of shared connections for admins."""

    templates: Templates
    room: ConnectionRoom

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.VIEWER, self.show)
        yield Route("POST", PAGE + "/{connection}/verify", Access.MEMBER, self.check)
        yield Route("POST", PAGE + "/{connection}/delete", Access.MEMBER, self.remove)

    async def show(self, request: Request) -> Response:
        query = given(ConnectionsQuery, request)
        found = await self.room.list(request.user, query)
        return html(self.templates.render("connections.html", user=request.user, found=found, query=query))

    async def check(self, request: Request) -> Response:
        """A fault is what the check found: it is told where the verdict would be. Raises NotFound."""
        asked = OneConnection(request.params["connection"])
        try:
            verdict = await self.room.check(request.user, asked)
        except NotFound:
            raise
        except Fault as fault:
            verdict = Verdict("", good=False, reason=f"{fault.message} {fault.hint}".strip())
        return html(self.templates.render("verdict.html", user=request.user, verdict=verdict, id=asked.connection))

    async def remove(self, request: Request) -> Response:
        await self.room.remove(request.user, OneConnection(request.params["connection"]))
        return redirect(PAGE)
