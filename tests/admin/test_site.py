"""The router: who reaches what, and what every answer carries."""

from collections.abc import Mapping
from typing import Any

import pytest

from trunkline.admin.site import BODY_LIMIT, Access, Request, Response, Route, Router
from trunkline.contract import NotFound
from trunkline.identity.ports import SignedIn
from trunkline.infra.http.asgi import Event, Scope
from trunkline.infra.http.web import cookies, fields, html, redirect, set_cookie, text

ORIGIN = "https://gw.example"
OWN = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}


class Someone:
    """A signed-in user with this role, or nobody."""

    def __init__(self, role: str = "") -> None:
        self._role = role

    async def signed_in(self, scope: Scope) -> SignedIn | None:
        return SignedIn("ann", "Ann", "acme", self._role, "s1", "good") if self._role else None


async def hello(request: Request) -> Response:
    name = request.params.get("name", "")
    return text(f"{request.method} {name} {request.user.user if request.user else 'nobody'}")


async def missing(_request: Request) -> Response:
    raise NotFound("no such thing", "look elsewhere")


def routes() -> list[Route]:
    made = [Route(method, f"/{access}", access, hello) for access in Access for method in ("GET", "POST")]
    return [*made, Route("GET", "/people/{name}", Access.OPEN, hello), Route("GET", "/missing", Access.OPEN, missing)]


async def ask(
    role: str,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    origin: str = ORIGIN,
) -> tuple[int, dict[str, str], str]:
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    sent: list[Event] = []

    async def receive() -> Event:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Event) -> None:
        sent.append(event)

    await Router(routes(), Someone(role), origin)(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"].decode()


async def test_a_part_of_the_path_reaches_the_handler():
    assert await _status_and_text(await ask("", "GET", "/people/bob")) == (200, "GET bob nobody")


async def test_an_unknown_path_is_404_and_an_unknown_method_405():
    assert (await ask("", "GET", "/nowhere"))[0] == 404
    assert (await ask("", "GET", "/people/bob/x"))[0] == 404
    status, headers, _ = await ask("", "DELETE", "/open", OWN)
    assert (status, headers["allow"]) == (405, "GET, POST")


async def test_a_page_that_needs_a_session_leads_to_the_sign_in_page_and_back():
    status, headers, _ = await ask("", "GET", "/member?a=1&b=//evil")
    assert (status, headers["location"]) == (303, "/login?next=/member%3Fa%3D1%26b%3D//evil")


async def test_a_form_without_a_session_is_401():
    assert (await ask("", "POST", "/member", OWN, b"csrf=good"))[0] == 401


@pytest.mark.parametrize("role", ["viewer", "member", "admin", "owner"])
async def test_a_role_reaches_its_own_routes_and_those_of_lesser_roles(role: str):
    ranks = ["viewer", "member", "admin", "owner"]
    for needed in ranks:
        expected = 200 if ranks.index(role) >= ranks.index(needed) else 403
        assert (await ask(role, "GET", f"/{needed}"))[0] == expected
        assert (await ask(role, "POST", f"/{needed}", OWN, b"csrf=good"))[0] == expected


async def test_a_role_that_does_not_exist_reaches_nothing():
    assert (await ask("superuser", "GET", "/viewer"))[0] == 403


@pytest.mark.parametrize("body", [b"", b"csrf=", b"csrf=bad", b"csrf=goodx", b"other=good"])
async def test_a_form_without_its_sessions_token_is_403(body: bytes):
    assert (await ask("owner", "POST", "/viewer", OWN, body))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://gw.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/open", "/owner"])
async def test_a_form_of_another_site_is_403_even_with_the_token(path: str, headers: dict[str, str]):
    assert (await ask("owner", "POST", path, OWN | headers, b"csrf=good"))[0] == 403


async def test_json_sent_as_text_is_no_form():
    plain = OWN | {"content-type": "text/plain"}
    assert (await ask("owner", "POST", "/viewer", plain, b'{"csrf":"good"}'))[0] == 400


async def test_this_machine_may_be_called_by_its_other_name():
    here = {"origin": "http://localhost:8000", "host": "localhost:8000"}
    assert (await ask("", "POST", "/open", OWN | here, origin="http://127.0.0.1:8000"))[0] == 200


async def test_an_endpoint_for_programs_takes_requests_from_anywhere():
    assert (await ask("", "POST", "/api", {"origin": "https://evil.example"}))[0] == 200


async def test_a_large_form_is_413():
    assert (await ask("", "POST", "/open", OWN, b"x" * (BODY_LIMIT + 1)))[0] == 413


async def test_a_fault_is_told_with_its_hint():
    assert await _status_and_text(await ask("", "GET", "/missing")) == (404, "no such thing look elsewhere")


async def test_no_page_can_be_framed_stored_or_made_to_run_a_script_that_is_not_ours():
    _, headers, _ = await ask("", "GET", "/open")
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy


async def test_head_is_answered_without_a_body():
    status, headers, body = await ask("", "HEAD", "/people/bob")
    assert (status, headers["content-length"], body) == (200, "15", "")


def test_parameters_keep_their_order_and_repeats():
    read = fields(b"a=1&b=&a=%C3%A9")
    assert (read.get("a"), read.all("a"), read.repeated(), "b" in read) == ("1", ("1", "é"), {"a"}, True)


def test_cookies_are_read_and_written():
    assert cookies(b"a=1; b=x=y;c") == {"a": "1", "b": "x=y"}
    assert set_cookie("__Host-s", "v", 60, secure=True)[1].endswith(
        b"Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    )


def test_a_redirect_cannot_carry_a_line_break_of_another_header():
    with pytest.raises(ValueError, match="header"):
        redirect("/a\r\nset-cookie: x=1")


def test_a_form_that_leads_elsewhere_is_named_in_the_policy():
    assert html(b"", form_targets=["https://idp.example"]).form_targets == ("https://idp.example",)


async def _status_and_text(answer: tuple[int, dict[str, str], str]) -> tuple[int, str]:
    return answer[0], answer[2]
