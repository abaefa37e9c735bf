"""The site: every page and endpoint that is not the protocol's, each with what it takes to reach it.

Who may do what is decided here, for all routes and before a handler runs: a route names the access it needs, and a test
walks the table.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from hmac import compare_digest
from typing import Final
from urllib.parse import quote

import msgspec
import structlog

from trunkline.contract import Fault, Internal, InvalidArguments, NotFound, PolicyDenied, Unauthenticated
from trunkline.identity.ports import Browsers, SignedIn
from trunkline.identity.roles import reaches
from trunkline.infra.http.asgi import RETRY_AFTER, Pair, Receive, Scope, Send
from trunkline.infra.http.stream import until_left
from trunkline.infra.http.web import Handler, Request, Response, redirect, text

__all__ = ["Access", "Handler", "Request", "Response", "Route", "Router"]

BODY_LIMIT: Final = 64 * 1024  # bytes
_SAFE: Final = ("GET", "HEAD")
_HEADERS: Final[tuple[Pair, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # for what does not know frame-ancestors
    (b"referrer-policy", b"same-origin"),  # not no-referrer: with that, browsers send our own forms as "Origin: null"
    (b"cross-origin-opener-policy", b"same-origin"),
)
_NO_STORE: Final[Pair] = (b"cache-control", b"no-store")
_STATUS: Final = {
    "invalid_arguments": 400, "not_found": 404, "policy_denied": 403, "unauthenticated": 401, "upstream_failed": 502,
    "needs_connection": 409,
}  # fmt: skip

_log = structlog.get_logger("trunkline.admin")


class Access(StrEnum):
    """What a route needs. From VIEWER on: a signed-in user with at least that role, and forms with their token."""

    OPEN = "open"  # pages for anybody; a form must come from a page of ours
    API = "api"  # endpoints that look at no cookie: requests may come from anywhere
    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class Route(msgspec.Struct, frozen=True):
    """`path` may have parts in braces, each a whole segment: "/members/{user}/role"."""

    method: str
    path: str
    access: Access
    handler: Handler


class Router:
    """An ASGI app over `routes`. `origin` is ours (scheme://host:port), for telling our own forms from others'.

    `page` shows a fault to a person; endpoints for programs answer with its text.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        browsers: Browsers,
        origin: str,
        page: Callable[[Fault, int], Response] | None = None,
    ) -> None:
        self.routes = tuple(routes)
        self._compiled = [(_pattern(route.path), route) for route in self.routes]
        self._browsers = browsers
        self._origin = origin.encode()
        self._page = page or _plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope["method"], scope["path"], scope, dict(scope["headers"]))
        try:
            route, params = self._find(request)
            body = b"" if request.method in _SAFE else await _body(receive)
            response = await self._answer(route, replace(request, body=body, params=params))
        except _Refused as refused:
            response = refused.response
        except Fault as fault:
            response = self._page(fault, status_of(fault))
        await _send(response, scope["method"], receive, send)

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        """Raises NotFound, or _Refused where the path knows other methods."""
        method = "GET" if request.method == "HEAD" else request.method
        others: list[str] = []
        for pattern, route in self._compiled:
            if found := pattern.fullmatch(request.path):
                if route.method == method:
                    return route, found.groupdict()
                others.append(route.method)
        if others:
            allow = ", ".join(dict.fromkeys(others)).encode()
            raise _Refused(text("method not allowed", 405).with_headers((b"allow", allow)))
        raise NotFound("There is no such page.", "Begin at /.")

    async def _answer(self, route: Route, request: Request) -> Response:
        if route.access is Access.API:
            return await _for_programs(route.handler, request)
        if request.method not in _SAFE:
            _own_form(request, self._origin)
        if route.access is not Access.OPEN:
            request = replace(request, user=await self._user(route, request))
        return await route.handler(request)

    async def _user(self, route: Route, request: Request) -> SignedIn:
        """Raises Unauthenticated and PolicyDenied."""
        user = await self._browsers.signed_in(request.scope)
        if user is None and request.method in _SAFE:
            raise _Refused(sign_in(request))
        if user is None:
            raise Unauthenticated("You are not signed in.", "Sign in at /login.")
        if request.method not in _SAFE and not compare_digest(request.form.get("csrf").encode(), user.csrf.encode()):
            raise PolicyDenied("The form's token does not fit your session.", "Open the page and send it again.")
        if not reaches(user.role, route.access):
            raise PolicyDenied("Your role may not do this.", f"It takes the role {route.access}.")
        return user


def from_our_page(request: Request, origin: bytes) -> bool:
    """Whether a browser sent this from a page at `origin`; programs that are no browser say nothing, and may."""
    sent = request.headers.get(b"origin", origin)
    here = b"http://" + request.headers.get(b"host", b"")  # this machine by another name: localhost for 127.0.0.1
    ours = sent == origin or (sent == here and origin.startswith(b"http://"))
    return ours and request.headers.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none")


def _own_form(request: Request, origin: bytes) -> None:
    """A form of another site's is refused whatever it carries. Raises PolicyDenied."""
    if not from_our_page(request, origin):
        raise PolicyDenied("This form was not sent from a page of Trunkline.", "Open the page and send it again.")


class _Refused(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>[^/]+)" for i, part in enumerate(parts)))


async def _body(receive: Receive) -> bytes:
    """Raises _Refused where it is too large, InvalidArguments where the client left."""
    parts: list[bytes] = []
    size = 0
    while (message := await receive())["type"] == "http.request":
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise _Refused(text("too large", 413))
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
    raise InvalidArguments("The request is not complete.", "")


def sign_in(request: Request) -> Response:
    """To the sign-in page, and back here afterwards."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    here = request.path + (f"?{query}" if query else "")
    return redirect(f"/login?next={quote(here, safe='/')}")


async def _for_programs(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except Fault as fault:
        return _plain(fault, status_of(fault))


def status_of(fault: Fault) -> int:
    """The HTTP status that says what a fault is."""
    if isinstance(fault, Internal):
        _log.error("a page failed", reason=fault.message)
    return _STATUS.get(fault.code, 503 if fault.retryable else 500)


def _plain(fault: Fault, status: int) -> Response:
    return text(f"{fault.message} {fault.hint}".strip(), status)


async def _send(response: Response, method: str, receive: Receive, send: Send) -> None:
    given = {name for name, _ in response.headers}
    headers = [*response.headers, *_HEADERS]
    if response.stream is None:
        headers.append((b"content-length", b"%d" % len(response.body)))
    if response.status == 503 and b"retry-after" not in given:
        headers.append(RETRY_AFTER)
    if b"content-security-policy" not in given:
        headers.append((b"content-security-policy", _policy(response.form_targets)))
    if b"cache-control" not in given:
        headers.append(_NO_STORE)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.stream is not None and method != "HEAD":
        async with aclosing(until_left(response.stream, receive)) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})


def _policy(form_targets: tuple[str, ...]) -> bytes:
    """Browsers hold the redirect after a form to form-action too, so a form that leads elsewhere must name it.

    On a page with such a form (consent, connecting) no script runs, ours neither.
    """
    scripts = "" if form_targets else "script-src 'self'; connect-src 'self'; "
    targets = " ".join(["'self'", *form_targets])
    return (
        f"default-src 'none'; style-src 'self'; {scripts}img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    ).encode("ascii")
