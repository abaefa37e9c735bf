"""The authorization server's endpoints and its consent page."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from trunkline.admin.render import Templates
from trunkline.admin.site import Access, Request, Response, Route, sign_in
from trunkline.contract import Fault, InvalidArguments, NotFound, Overloaded
from trunkline.identity.oauth import metadata, redirects
from trunkline.identity.oauth.authorize import Asked, Redirected
from trunkline.identity.oauth.faults import OAuthFault, Unsafe
from trunkline.identity.oauth.registry import Registered
from trunkline.identity.oauth.resource import ALL, DEFAULT_PATH
from trunkline.identity.oauth.server import AuthorizationServer
from trunkline.identity.origin import WELL_KNOWN, is_resource_path, origin_of
from trunkline.identity.ports import Browsers, SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.infra.http.asgi import Pair
from trunkline.infra.http.web import Fields, fields, html, json, redirect

_ANYWHERE: Final[Pair] = (b"access-control-allow-origin", b"*")
_KEEP: Final[Pair] = (b"cache-control", b"public, max-age=300")
_PREFLIGHT: Final[tuple[Pair, ...]] = (
    _ANYWHERE,
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, mcp-protocol-version"),
    (b"access-control-max-age", b"600"),
)

Endpoint = Callable[[Request], Awaitable[Response]]


class OAuthSite:
    """`server` is the authorization server, `browsers` tells who sits in front of a page."""

    def __init__(self, server: AuthorizationServer, browsers: Browsers, templates: Templates) -> None:
        self._server = server
        self._browsers = browsers
        self._templates = templates

    def routes(self) -> Iterable[Route]:
        """Everything below /oauth and the well-known documents."""
        for path in ("", "/mcp", "/mcp/t/{toolset}"):
            yield from _public("GET", WELL_KNOWN + path, self.resource)
        for name in ("oauth-authorization-server", "openid-configuration"):
            yield from _public("GET", f"/.well-known/{name}", self.server)
        yield from _public("GET", "/oauth/jwks", self.jwks)
        yield from _public("POST", "/oauth/revoke", self.revoke)
        for below in ("/oauth", ""):  # the latter for clients that have not read the metadata (2025-03-26)
            yield from _public("POST", f"{below}/token", self.token)
            yield from _public("POST", f"{below}/register", self.register)
            yield Route("GET", f"{below}/authorize", Access.OPEN, self.authorize)
        yield Route("POST", "/oauth/authorize", Access.VIEWER, self.decide)

    async def resource(self, request: Request) -> Response:
        path = request.path.removeprefix(WELL_KNOWN) or DEFAULT_PATH
        if not is_resource_path(path):
            raise NotFound("There is no such resource.", "Begin at /mcp.")
        return json(metadata.of_resource(_issuer(request), path)).with_headers(_KEEP)

    async def server(self, request: Request) -> Response:
        return json(self._server.of_server(_issuer(request))).with_headers(_KEEP)

    async def jwks(self, _request: Request) -> Response:
        return json(self._server.keys.published()).with_headers(_KEEP)

    async def token(self, request: Request) -> Response:
        return json(await self._server.token(_authorization(request), request.form, _issuer(request)))

    async def revoke(self, request: Request) -> Response:
        await self._server.revoke(_authorization(request), request.form)
        return Response(200)

    async def register(self, request: Request) -> Response:
        return json(_registration(await self._server.register(request.body, _address(request))), 201)

    async def authorize(self, request: Request) -> Response:
        """The consent page; what was settled before goes on at once, and who is not signed in does that first."""
        try:
            asked = await self._server.asked(request.query, _issuer(request), _address(request))
            user = await self._browsers.signed_in(request.scope)
            if user is None:
                self._server.sign_in_required(asked)
                return sign_in(request)
            if await self._server.is_settled(asked, user):
                return redirect(await self._server.allow(asked, user))
        except OAuthFault as fault:
            return self._refused(fault)
        return self._page(request, asked, user)

    async def decide(self, request: Request) -> Response:
        """The consent form. Raises PolicyDenied for one that is not of this session and this request."""
        user: SignedIn = request.user
        issuer, query = _issuer(request), request.form.get("request")
        self._server.seals.check(request.form.get("seal"), user, issuer, query)
        try:
            asked = await self._server.asked(_fields(query), issuer, _address(request))
        except OAuthFault as fault:
            return self._refused(fault)
        if request.form.get("decision") != "allow":
            return redirect(await self._server.deny(asked, user))
        return redirect(await self._server.allow(asked, user, read_only=request.form.get("access") != "all"))

    def _page(self, request: Request, asked: Asked, user: SignedIn) -> Response:
        query = request.scope["query_string"].decode("ascii")
        body = self._templates.render(
            "consent.html",
            user=user,
            client=asked.client,
            host=redirects.host_of(asked.redirect_uri),
            local=redirects.is_loopback(asked.redirect_uri),
            web=redirects.is_web(asked.redirect_uri),
            resource=asked.resource,
            may_change=ALL in asked.scope.split() and reaches(user.role, Role.MEMBER),
            query=query,
            seal=self._server.seals.seal(user, asked.issuer, query),
        )
        return html(body, form_targets=[redirects.origin_of(asked.redirect_uri)])

    def _refused(self, fault: OAuthFault) -> Response:
        if isinstance(fault, Redirected):
            return redirect(fault.location)
        status = 400 if isinstance(fault, Unsafe) else fault.status
        return html(self._templates.render("refused.html", message=fault.message, hint=fault.hint), status)


def _public(method: str, path: str, endpoint: Endpoint) -> Iterable[Route]:
    """An endpoint for clients, and its preflight: browsers may call it from any origin, without cookies."""

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except Fault as fault:
            response = _fault(fault, request)
        return response.with_headers(_ANYWHERE)

    async def preflight(_request: Request) -> Response:
        return Response(204, b"", _PREFLIGHT)

    yield Route(method, path, Access.API, answer)
    yield Route("OPTIONS", path, Access.API, preflight)


def _fault(fault: Fault, request: Request) -> Response:
    """A fault as RFC 6749 section 5.2 has it."""
    if isinstance(fault, OAuthFault):
        response = _error(fault.error, fault.message, fault.status)
        if fault.status == 401 and b"authorization" in request.headers:
            response = response.with_headers((b"www-authenticate", b'Basic realm="trunkline"'))
        return response
    if isinstance(fault, Overloaded):
        text = f"{fault.message} {fault.hint}"
        return _error("temporarily_unavailable", text, 429).with_headers((b"retry-after", b"60"))
    if isinstance(fault, InvalidArguments):
        return _error("invalid_request", fault.message, 400)
    if fault.retryable:
        return _error("temporarily_unavailable", f"{fault.message} {fault.hint}", 503)
    raise fault


def _error(error: str, description: str, status: int) -> Response:
    return json({"error": error, "error_description": description}, status)


def _registration(made: Registered) -> dict[str, Any]:
    """RFC 7591 section 3.2.1."""
    client = made.client
    answer: dict[str, Any] = {
        "client_id": client.id,
        "client_id_issued_at": int(made.at),
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": client.method,
        "scope": " ".join(sorted(client.scope)),
    }
    if made.secret:
        answer |= {"client_secret": made.secret, "client_secret_expires_at": 0}
    return answer


def _issuer(request: Request) -> str:
    return origin_of(request.headers.get(b"host", b""))


def _authorization(request: Request) -> str:
    return request.headers.get(b"authorization", b"").decode("latin-1")


def _address(request: Request) -> str:
    client = request.scope.get("client")
    return str(client[0]) if client else ""


def _fields(query: str) -> Fields:
    return fields(query.encode())
