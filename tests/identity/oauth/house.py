"""A gateway with its authorization server, over real HTTP: clock, users and the Web are in the test's hand."""

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine
from yarl import URL

from tests.gateway.world import World
from trunkline.admin.oauth import OAuthSite
from trunkline.admin.render import Templates
from trunkline.admin.site import Router
from trunkline.contract import UpstreamUnavailable
from trunkline.gateway.asgi import App, Scope
from trunkline.identity import Authenticator
from trunkline.identity.oauth.access import AccessTokens
from trunkline.identity.oauth.assertions import Issuers
from trunkline.identity.oauth.server import AuthorizationServer, Outside
from trunkline.identity.ports import SignedIn
from trunkline.infra.fetch import Fetched, Request
from trunkline.infra.http.web import cookies

MASTER = b"m" * 32
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ADA = SignedIn("ada", "Ada", "acme", "member", "session-ada", "csrf-ada")
BOB = SignedIn("bob", "Bob", "acme", "member", "session-bob", "csrf-bob")
VIC = SignedIn("vic", "Vic", "acme", "viewer", "session-vic", "csrf-vic")
WEB = "https://app.example/callback"
LOOPBACK = "http://127.0.0.1:1234/callback"


class Clock:
    """Seconds since the epoch, and since some other moment."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at - 1_000.0


class People:
    """Browsers, by their cookie `who`, and accounts."""

    def __init__(self) -> None:
        self.all = {user.user: user for user in (ADA, BOB, VIC)}
        self.roles: dict[str, str | None] = {user.user: user.role for user in self.all.values()}

    async def signed_in(self, scope: Scope) -> SignedIn | None:
        return self.all.get(cookies(dict(scope["headers"]).get(b"cookie", b"")).get("who", ""))

    async def role(self, subject: str, organization: str) -> str | None:
        return self.roles.get(subject) if organization == "acme" else None


class Web:
    """The rest of the Web: documents by URL. `fetched` is what was asked for."""

    def __init__(self) -> None:
        self.documents: dict[str, Fetched] = {}
        self.fetched: list[str] = []

    async def __call__(self, request: Request) -> Fetched:
        assert request == Request(request.url)
        self.fetched.append(request.url)
        if request.url not in self.documents:
            raise UpstreamUnavailable("there is nothing")
        return self.documents[request.url]


@dataclass(frozen=True)
class Event:
    organization: str
    actor: str
    act: str
    target: str
    outcome: str
    detail: dict[str, Any]


@dataclass
class Reply:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any = None

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def told(self) -> dict[str, str]:
        """The parameters that a redirect carries; none comes twice."""
        pairs = parse_qsl(urlsplit(self.location).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


@dataclass
class House:
    """`base` is the server's URL, `app` the front door that it serves."""

    server: AuthorizationServer
    app: App
    clock: Clock
    people: People
    web: Web
    events: list[Event]
    authenticator: Authenticator
    world: World
    base: str = ""
    http: aiohttp.ClientSession = field(default_factory=lambda: None)  # type: ignore[assignment] - set by the fixture

    async def ask(self, method: str, path: str, who: str | None = "", **more: Any) -> Reply:
        headers = {**({"cookie": f"who={who}"} if who else {}), **more.pop("headers", {})}
        url = URL(path if path.startswith("http") else self.base + path, encoded=True)
        async with self.http.request(method, url, headers=headers, allow_redirects=False, **more) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, names, text, await response.json() if is_json else None)

    async def register(self, *uris: str, **metadata: Any) -> dict[str, Any]:
        """A client's registration, which must succeed."""
        body = {"client_name": "Tester", "redirect_uris": list(uris or (WEB,)), **metadata}
        reply = await self.ask("POST", "/oauth/register", json=body)
        assert reply.status == 201, reply.text
        return reply.json

    def query(self, client: str, **changes: str | None) -> str:
        """The query of a good authorization request, with some parameters changed or (None) left out."""
        good: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": WEB,
            "state": "a state",
            "scope": "mcp",
            "resource": f"{self.base}/mcp",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return urlencode({name: value for name, value in {**good, **changes}.items() if value is not None})

    async def authorize(self, client: str, who: str | None = "ada", **changes: str | None) -> Reply:
        return await self.ask("GET", f"/oauth/authorize?{self.query(client, **changes)}", who)

    async def submit(self, page: Reply, who: str | None = "ada", **changes: str) -> Reply:
        """Sends the page's form as a browser does."""
        assert page.status == 200, page.text
        form = {**inputs(page.text), "decision": "allow", "access": "all", **changes}
        headers = {"origin": self.base, "sec-fetch-site": "same-origin"}
        return await self.ask("POST", "/oauth/authorize", who, data=form, headers=headers)

    async def consent(self, client: str, who: str | None = "ada", **changes: str | None) -> Reply:
        """The redirect to the client, after the user has allowed it."""
        reply = await self.authorize(client, who, **changes)
        if reply.status == 200:  # else a consent was remembered
            reply = await self.submit(reply, who)
        assert reply.status == 303, reply.text
        return reply

    async def redeem(self, client: str, code: str, /, **changes: str | None) -> Reply:
        good: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": client,
            "code": code,
            "redirect_uri": WEB,
            "code_verifier": VERIFIER,
        }
        return await self.token({**good, **changes})

    async def token(self, form: Mapping[str, str | None], **headers: str) -> Reply:
        data = {name: value for name, value in form.items() if value is not None}
        return await self.ask("POST", "/oauth/token", data=data, headers=headers)

    async def tokens(self, client: str, who: str | None = "ada", **changes: str | None) -> dict[str, Any]:
        """A whole authorization: what the token endpoint gives in the end."""
        told = (await self.consent(client, who, **changes)).told
        reply = await self.redeem(client, told["code"], redirect_uri=changes.get("redirect_uri", WEB))
        assert reply.status == 200, reply.text
        return reply.json

    async def refresh(self, client: str, token: str, **more: str) -> Reply:
        return await self.token({"grant_type": "refresh_token", "client_id": client, "refresh_token": token, **more})

    async def call(self, token: str, path: str = "/mcp", **headers: str) -> Reply:
        """A tools/list with this access token."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
        sent = {**MODERN, "authorization": f"Bearer {token}", **headers}
        return await self.ask("POST", path, json=body, headers=sent)


META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
MODERN = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/list",
    "accept": "application/json, text/event-stream",
}


def inputs(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition("/oauth/authorize")[2])
    return {name: html.unescape(value) for name, value in found}


def build(engine: AsyncEngine, world: World, issuers: Issuers) -> House:
    clock, people, web, events = Clock(), People(), Web(), list[Event]()

    async def record(
        organization: str,
        actor: str,
        act: str,
        target: str = "",
        *,
        outcome: str = "ok",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        events.append(Event(organization, actor, act, target, outcome, dict(detail or {})))

    server = AuthorizationServer(engine, MASTER, Outside(people, record, web, issuers), clock.now)
    access = AccessTokens(server.keys, server.grants, people, clock.now, clock.monotonic)
    authenticator = Authenticator(MASTER, [access], clock.monotonic)
    site = OAuthSite(server, people, Templates())
    app = world.gateway.front(authenticator.admit, Router(site.routes(), people, "http://127.0.0.1"))
    return House(server, app, clock, people, web, events, authenticator, world)
