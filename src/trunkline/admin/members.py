"""The page of an organization's members: roles, invitations, service accounts and their keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.admin.account import wanted_key
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.identity.api_keys import ApiKeys
from trunkline.identity.events import Events
from trunkline.identity.invitations import Invitations
from trunkline.identity.members import Members
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.infra.http.web import Request, Response, html, redirect

_PAGE = "/members"


@dataclass(frozen=True, slots=True)
class MemberPages:
    """For admins and owners."""

    templates: Templates
    members: Members
    invitations: Invitations
    keys: ApiKeys
    events: Events
    url: str

    def routes(self) -> Iterable[Route]:
        yield Route("GET", _PAGE, Access.ADMIN, self.show)
        yield Route("POST", _PAGE, Access.ADMIN, self.add_service)
        yield Route("POST", "/members/{user}/role", Access.ADMIN, self.set_role)
        yield Route("POST", "/members/{user}/disabled", Access.ADMIN, self.set_disabled)
        yield Route("POST", "/members/{user}/remove", Access.ADMIN, self.remove)
        yield Route("POST", "/members/{user}/keys", Access.ADMIN, self.create_key)
        yield Route("POST", "/invitations", Access.ADMIN, self.invite)
        yield Route("POST", "/invitations/{invitation}/revoke", Access.ADMIN, self.revoke)

    async def show(self, request: Request) -> Response:
        return await self._page(request.user)

    async def add_service(self, request: Request) -> Response:
        name, role = request.form.get("name"), request.form.get("role")
        user = await self.members.add_service(request.user, name, role)
        return await self._done(request.user, "service.create", user, role=role)

    async def set_role(self, request: Request) -> Response:
        user, role = request.params["user"], request.form.get("role")
        await self.members.set_role(request.user, user, role)
        return await self._done(request.user, "member.role", user, role=role)

    async def set_disabled(self, request: Request) -> Response:
        user, disabled = request.params["user"], request.form.get("disabled") != "0"
        await self.members.set_disabled(request.user, user, disabled)
        return await self._done(request.user, "user.disable" if disabled else "user.enable", user)

    async def remove(self, request: Request) -> Response:
        await self.members.remove(request.user, request.params["user"])
        return await self._done(request.user, "member.remove", request.params["user"])

    async def create_key(self, request: Request) -> Response:
        by: SignedIn = request.user
        key = await self.keys.create(by, wanted_key(request.form, request.params["user"]))
        await self.events.record(by.organization, by.user, "key.create", request.params["user"])
        return await self._page(by, key, "The new key.")

    async def invite(self, request: Request) -> Response:
        by: SignedIn = request.user
        role = request.form.get("role")
        secret = await self.invitations.create(by, role, request.form.get("email"))
        await self.events.record(by.organization, by.user, "invitation.create", detail={"role": role})
        return await self._page(by, f"{self.url}/invite/{secret}", "The invitation's link.")

    async def revoke(self, request: Request) -> Response:
        await self.invitations.revoke(request.user, request.params["invitation"])
        return await self._done(request.user, "invitation.revoke", request.params["invitation"])

    async def _done(self, by: SignedIn, act: str, target: str, **detail: str) -> Response:
        await self.events.record(by.organization, by.user, act, target, detail=detail)
        return redirect(_PAGE)

    async def _page(self, by: SignedIn, secret: str = "", title: str = "") -> Response:
        return html(
            self.templates.render(
                "members.html",
                user=by,
                secret=secret,
                secret_title=title,
                organization=await self.members.organization_name(by),
                members=await self.members.list(by),
                invitations=await self.invitations.list(by),
                keys=await self.keys.list(by),
                roles=[role.value for role in Role if reaches(by.role, role)],
            )
        )
