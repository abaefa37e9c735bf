"""A small description in which every feature occurs once, and ways to ask for its operations."""

from typing import Any

from trunkline.contract import AuthKind, AuthScheme
from trunkline.sandbox.descriptions import FixedDescriptions, Site
from trunkline.sandbox.request import Request
from trunkline.sandbox.service import Match, Service
from trunkline.sandbox.violation import Violation

HOST = "api.example.com"
BEARER = {"Authorization": "Bearer secret"}


def operation(**parts: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "fine"}}, **parts}


def query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


def path(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, **more}


def body(media_type: str, schema: Any, *, required: bool = True, **media: Any) -> dict[str, Any]:
    return {"required": required, "content": {media_type: {"schema": schema, **media}}}


def answers(schema: Any, status: str = "200", **media: Any) -> dict[str, Any]:
    return {status: {"description": "fine", "content": {"application/json": {"schema": schema, **media}}}}


def description(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "servers": [{"url": f"https://{HOST}/v1"}],
        "paths": paths,
        **more,
    }


def site() -> Site:
    return Site("small", (HOST,), auth=(AuthScheme(AuthKind.BEARER),))


def service(paths: dict[str, Any], **more: Any) -> Service:
    return Service(site(), [description(paths, **more)])


def descriptions(paths: dict[str, Any], **more: Any) -> FixedDescriptions:
    return FixedDescriptions([(site(), description(paths, **more))])


def judge(
    of: Service, method: str, url: str, headers: dict[str, str] | None = None, sent: bytes = b""
) -> list[Violation]:
    """The violations of a request to `url` (below `/v1`), with a good credential unless `headers` says otherwise."""
    request = Request.of(method, f"{HOST}/v1{url}", BEARER | (headers or {}), sent)
    found = of.find(request.method, request.host, request.path)
    if not isinstance(found, Match):
        return [found]
    (wanted,) = found.operations
    return wanted.check(request, found.path_values).violations


def places(violations: list[Violation]) -> list[tuple[str, str, str]]:
    return [(it.where, it.pointer, it.rule) for it in violations]


def decoded(parameter: dict[str, Any], raw: str) -> Any:
    """What a query parameter called `p` is read as, and its violations."""
    of = service({"/x": {"get": operation(parameters=[parameter])}})
    request = Request.of("GET", f"{HOST}/v1/x?{raw}", BEARER)
    found = of.find("GET", HOST, "/v1/x")
    assert isinstance(found, Match)
    verdict = found.operations[0].check(request, found.path_values)
    return verdict.sent.query.get("p"), places(verdict.violations)
