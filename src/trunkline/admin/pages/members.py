"""The pages of members: all of them with the invitations, and one with sessions and keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from trunkline.admin.account import wanted_key
from trunkline.admin.api.endpoint import Given, Nothing, given
from trunkline.admin.api.keys import Keys, KeysQuery, OneKey
from trunkline.admin.api.members import (
    Disabling,
    MemberRoom,
    MembersQuery,
    NewInvitation,
    NewRole,
    NewService,
    OneInvitation,
    OneMember,
    OneSession,
)  # fmt: skip
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.contract import InvalidArguments
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.infra.http.web import Request, Response, html, redirect

PAGE: Final = "/members"
_ONE: Final = "/members/{user}"
G = TypeVar("G", bound=Given)


@dataclass(frozen=True, slots=True)
class MemberPages:
    """For admins and owners."""

    templates: Templates
    room: MemberRoom
    keys: Keys

    def routes(self) -> Iterable[Route]:
        yield Route("GET", PAGE, Access.ADMIN, self.all)
        yield Route("POST", PAGE, Access.ADMIN, self.add_service)
        yield Route("GET", _ONE, Access.ADMIN, self.one)
        yield Route("POST", _ONE + "/role", Access.ADMIN, self.set_role)
        yield Route("POST", _ONE + "/disabled", Access.ADMIN, self.set_disabled)
        yield Route("POST", _ONE + "/remove", Access.ADMIN, self.remove)
        yield Route("POST", _ONE + "/keys", Access.ADMIN, self.create_key)
        yield Route("POST", _ONE + "/keys/{key}/revoke", Access.ADMIN, self.revoke_key)
        yield Route("POST", _ONE + "/sessions/end", Access.ADMIN, self.end_all)
        yield Route("POST", _ONE + "/sessions/{session}/end", Access.ADMIN, self.end)
        yield Route("POST", "/invitations", Access.ADMIN, self.invite)
        yield Route("POST", "/invitations/{invitation}/revoke", Access.ADMIN, self.revoke)

    async def all(self, request: Request) -> Response:
        return await self._all(request.user, given(MembersQuery, request))

    async def one(self, request: Request) -> Response:
        return await self._one(request)

    async def add_service(self, request: Request) -> Response:
        made = await self.room.add_service(request.user, _form(NewService, request, "name", "role"))
        return redirect(f"{PAGE}/{made.user}")

    async def set_role(self, request: Request) -> Response:
        await self.room.set_role(request.user, _form(NewRole, request, "role"))
        return _back(request)

    async def set_disabled(self, request: Request) -> Response:
        disabled = request.form.get("disabled") != "0"
        await self.room.set_disabled(request.user, Disabling(request.params["user"], disabled))
        return _back(request)

    async def remove(self, request: Request) -> Response:
        await self.room.remove(request.user, _form(OneMember, request))
        return redirect(PAGE)

    async def create_key(self, request: Request) -> Response:
        made = await self.keys.create(request.user, wanted_key(request.form, request.params["user"]))
        return await self._one(request, key=made.key)

    async def revoke_key(self, request: Request) -> Response:
        await self.keys.revoke(request.user, OneKey(request.params["key"]))
        return _back(request)

    async def end(self, request: Request) -> Response:
        await self.room.end(request.user, _form(OneSession, request))
        return _back(request)

    async def end_all(self, request: Request) -> Response:
        await self.room.end_all(request.user, _form(OneMember, request))
        return _back(request)

    async def invite(self, request: Request) -> Response:
        made = await self.room.invite(request.user, _form(NewInvitation, request, "role", "email"))
        return await self._all(request.user, MembersQuery(), made.url)

    async def revoke(self, request: Request) -> Response:
        await self.room.revoke(request.user, _form(OneInvitation, request))
        return redirect(PAGE)

    async def _all(self, by: SignedIn, query: MembersQuery, link: str = "") -> Response:
        return html(
            self.templates.render(
                "members.html",
                user=by,
                link=link,
                query=query,
                organization=await self.room.members.organization_name(by),
                found=await self.room.list(by, query),
                invitations=(await self.room.invited(by, Nothing())).invitations,
                every_role=tuple(role.value for role in Role),
                roles=_givable(by),
            )
        )

    async def _one(self, request: Request, key: str = "") -> Response:
        by, asked = request.user, OneMember(request.params["user"])
        one = await self.room.show(by, asked)
        keys = (await self.keys.list(by, KeysQuery(asked.user))).keys
        values = {"user": by, "one": one, "member": one.member, "keys": keys, "key": key, "roles": _givable(by)}
        return html(self.templates.render("member.html", **values))


def _givable(by: SignedIn) -> list[str]:
    return [role.value for role in Role if reaches(by.role, role)]


def _form(kind: type[G], request: Request, *names: str) -> G:
    """What the path says, and these fields of the form; others are not looked at. Raises InvalidArguments."""
    values = {name: request.form.get(name) for name in names if name in request.form}
    try:
        return msgspec.convert({**request.params, **values}, kind)
    except msgspec.ValidationError as fault:
        raise InvalidArguments(str(fault), "Fill in the form again.") from None


def _back(request: Request) -> Response:
    return redirect(_ONE.format(**request.params))
