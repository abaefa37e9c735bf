"""The page where an admin says who connects a service, and names its OAuth app."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, get_args

import msgspec

from trunkline.admin.api.rules import NewApp, NewRule, Rules
from trunkline.admin.api.services import OneService
from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Route
from trunkline.connections.apps import Who
from trunkline.contract import InvalidArguments
from trunkline.infra.http.web import Request, Response, html, redirect

_PAGE = "/services/{service}/settings"
G = TypeVar("G", NewRule, NewApp)
_VARIABLE = "variable."  # prefix of the form's fields


@dataclass(frozen=True, slots=True)
class RulePages:
    """For admins and owners."""

    templates: Templates
    rules: Rules

    def routes(self) -> Iterable[Route]:
        yield Route("GET", _PAGE, Access.ADMIN, self.show)
        yield Route("POST", _PAGE + "/rule", Access.ADMIN, self.save)
        yield Route("POST", _PAGE + "/app", Access.ADMIN, self.save_app)
        yield Route("POST", _PAGE + "/app/remove", Access.ADMIN, self.remove_app)

    async def show(self, request: Request) -> Response:
        id = request.params["service"]
        rule = await self.rules.show(request.user, OneService(id))
        title = self.rules.services[id].title
        values = {"user": request.user, "rule": rule, "title": title, "choices": get_args(Who)}
        return html(self.templates.render("rule.html", **values))

    async def save(self, request: Request) -> Response:
        scopes = request.form.get("scopes").replace(",", " ").split()
        await self.rules.save(request.user, _read(NewRule, request, who=request.form.get("who"), scopes=scopes))
        return _back(request)

    async def save_app(self, request: Request) -> Response:
        form = request.form
        named = [(name.removeprefix(_VARIABLE), value) for name, value in form.pairs if name.startswith(_VARIABLE)]
        given = {name: form.get(name) for name in ("client_id", "client_secret")}
        wanted = _read(NewApp, request, **given, variables={name: value for name, value in named if value})
        await self.rules.save_app(request.user, wanted)
        return _back(request)

    async def remove_app(self, request: Request) -> Response:
        await self.rules.remove_app(request.user, OneService(request.params["service"]))
        return _back(request)


def _read(kind: type[G], request: Request, **given: object) -> G:
    """Raises InvalidArguments."""
    try:
        return msgspec.convert({"service": request.params["service"], **given}, kind)
    except msgspec.ValidationError as fault:
        raise InvalidArguments(str(fault), "Fill in the form again.") from None


def _back(request: Request) -> Response:
    return redirect(_PAGE.format(**request.params))
