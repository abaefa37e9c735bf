"""The front door over HTTP: a bare ASGI callable, ahead of any framework.

`/mcp` and `/mcp/t/<toolset>` are the protocol; `/healthz` and `/readyz` are for whoever supervises the process; every
other path belongs to `site`.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

import orjson

from trunkline.contract import Admitted, DatabaseUnavailable, InvalidArguments, NotFound, Unauthenticated
from trunkline.economy.offered import LISTINGS, Listing
from trunkline.gateway.asgi import RETRY_AFTER, App, Pair, Receive, Scope, Send
from trunkline.gateway.challenge import challenge
from trunkline.gateway.endpoint import Endpoint
from trunkline.gateway.exchange import JSON, TEXT, Exchange
from trunkline.gateway.guard import Guard, Rejected
from trunkline.gateway.headers import Headers
from trunkline.gateway.toolset import Caller, Toolsets

Authenticate = Callable[[bytes, bytes, str], Awaitable[Admitted]]

_ROOT: Final = "/mcp"
_TOOLSET: Final = "/mcp/t/"
_METHODS: Final = b"GET, POST, DELETE"
_PREFLIGHT: Final[tuple[Pair, ...]] = (
    (b"access-control-allow-methods", _METHODS),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, accept, last-event-id, "
        b"mcp-protocol-version, mcp-session-id, mcp-method, mcp-name",
    ),
    (b"access-control-max-age", b"600"),
)


class Front:
    """One listener.

    `authenticate` takes the Authorization header's value, and the host and the path it was sent to: a token is good for
    one resource. It raises Unauthenticated, and DatabaseUnavailable where nobody can look.
    """

    def __init__(
        self,
        guard: Guard,
        authenticate: Authenticate,
        toolsets: Toolsets,
        endpoint: Endpoint,
        site: App,
        ready: Callable[[], bool],
    ) -> None:
        self._guard = guard
        self._authenticate = authenticate
        self._toolsets = toolsets
        self._endpoint = endpoint
        self._site = site
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        headers = Headers(scope["headers"])
        exchange = Exchange(scope, receive, send, headers)
        path = scope["path"]
        try:
            self._guard.check(headers)
            if path == _ROOT:
                await self._mcp(exchange, "")
            elif path.startswith(_TOOLSET):
                await self._mcp(exchange, path[len(_TOOLSET) :])
            else:
                await self._beside(exchange, path)
        except Rejected as rejected:
            await exchange.respond(rejected.status, rejected.message.encode(), TEXT)
        except DatabaseUnavailable as fault:
            await _unavailable(exchange, fault)

    async def _beside(self, exchange: Exchange, path: str) -> None:
        """Whatever is no part of the protocol."""
        if path == "/healthz":
            await exchange.respond(200, b"ok", TEXT)
        elif path == "/readyz":
            ready = self._ready()
            await exchange.respond(200 if ready else 503, b"ready" if ready else b"not ready", TEXT)
        else:
            await self._site(exchange.scope, exchange.receive, exchange.send)

    async def _mcp(self, exchange: Exchange, toolset: str) -> None:
        origin = exchange.headers.get(b"origin")
        if origin is not None and self._guard.trusts(origin):
            exchange.extra += _cors(origin)
            if exchange.scope["method"] == "OPTIONS":
                exchange.extra.extend(_PREFLIGHT)
                await exchange.respond(204)
                return
        try:
            headers = exchange.headers
            admitted = await self._authenticate(
                headers.get(b"authorization", b""), headers.get(b"host", b""), exchange.scope["path"]
            )
            principal = admitted.principal
            offered = await self._toolsets.find(principal.organization, toolset, _listing(exchange, toolset))
            caller = Caller(principal, offered, admitted.reading)
        except Unauthenticated as fault:
            await _challenge(exchange, fault)
        except NotFound as fault:
            await exchange.respond(404, fault.message.encode(), TEXT)
        except InvalidArguments as fault:
            await exchange.respond(400, f"{fault.message} {fault.hint}".encode(), TEXT)
        else:
            await self._serve(exchange, caller)

    async def _serve(self, exchange: Exchange, caller: Caller) -> None:
        method = exchange.scope["method"]
        if method == "POST":
            self._guard.check_body(exchange.headers)
            body = await self._guard.body(exchange.receive)
            if body is not None:
                await self._endpoint.post(exchange, body, caller)
        elif method == "GET":
            await self._endpoint.get(exchange, caller)
        elif method == "DELETE":
            await self._endpoint.delete(exchange, caller)
        else:
            await exchange.respond(405, b"", (b"allow", _METHODS))


def _listing(exchange: Exchange, toolset: str) -> Listing | None:
    """`?listing=` of a toolset's URL: how this client wants its tools. Raises InvalidArguments."""
    query = exchange.scope.get("query_string", b"")
    wanted = dict(parse_qsl(query.decode("latin-1"))).get("listing") if query and toolset else None
    if wanted is None:
        return None
    for listing in LISTINGS:
        if listing == wanted:
            return listing
    raise InvalidArguments("There is no such listing.", f"Ask for {', '.join(LISTINGS)}.")


def _cors(origin: bytes) -> tuple[Pair, ...]:
    """For trusted origins, and for no other."""
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"mcp-session-id, www-authenticate"),
        (b"vary", b"origin"),
    )


async def _unavailable(exchange: Exchange, fault: DatabaseUnavailable) -> None:
    """Who is calling cannot be told, or no page be made, until the database is back."""
    body = orjson.dumps({"error": fault.code, "error_description": f"{fault.message} {fault.hint}"})
    await exchange.respond(503, body, JSON, RETRY_AFTER)


async def _challenge(exchange: Exchange, fault: Unauthenticated) -> None:
    """401 as in RFC 6750 section 3: no error code where no credential was sent."""
    error = "invalid_token" if b"authorization" in exchange.headers else ""
    body = orjson.dumps({"error": fault.code, "error_description": f"{fault.message} {fault.hint}".strip()})
    await exchange.respond(401, body, JSON, challenge(exchange, error))
