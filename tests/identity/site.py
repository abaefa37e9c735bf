"""The whole site of identity in this process, over a database and a made-up internet."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.browser import Browser, Page
from trunkline.admin.render import Templates
from trunkline.admin.site import Router
from trunkline.identity.link import owner_link
from trunkline.identity.oauth.allowed import AllowedClients
from trunkline.identity.oauth.grants import Grants
from trunkline.identity.oauth.registry import Registry
from trunkline.identity.ports import SignedIn
from trunkline.identity.signin.settings import Provider, parse
from trunkline.infra.clock import Clock
from trunkline.infra.fetch import Fetch
from trunkline.programs.identity import Identity, Site

URL = "https://gw.example"
MASTER = b"m" * 32
START = 1_800_000_000.0


@dataclass
class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False
    at: float = START

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@dataclass
class World:
    """A site, with the clock it goes by."""

    identity: Identity
    router: Router
    clock: TestClock

    def browser(self) -> Browser:
        return Browser(self.router, URL)

    async def owner(self) -> tuple[Browser, Page]:
        """A browser that the owner's link signed in, and its account page."""
        browser = self.browser()
        link = owner_link(URL, MASTER, self.clock.at)
        await browser.post(link, {})
        return browser, await browser.get("/account")

    async def signed_in(self, browser: Browser) -> SignedIn:
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        found = await self.identity.sessions.signed_in({"headers": [(b"cookie", cookie.encode())]})
        assert found is not None
        return found


async def opened(
    engine: AsyncEngine, fetch: Fetch, providers: tuple[Provider, ...] = (), clock: Clock | None = None
) -> World:
    """`clock` is a real one where others go by it; the world's own stands still."""
    ours = TestClock(time.time() if clock else START)
    identity = Identity(engine, Site(URL, MASTER, providers, fetch), clock or ours)
    await identity.start()
    templates = Templates()
    clients = allowed_clients(engine, identity, (clock or ours).now)
    router = Router(identity.routes(templates, clients), identity.sessions, URL, templates.fault)
    return World(identity, router, ours)


def allowed_clients(engine: AsyncEngine, identity: Identity, now: Callable[[], float]) -> AllowedClients:
    """Those of a site without an authorization server."""
    return AllowedClients(Grants(engine, MASTER, now), Registry(engine, now), identity.events.record)


def provider(**table: Any) -> Provider:
    """One provider of the settings, its secret in the environment."""
    given = {"id": table["kind"], "client_id": "us", "client_secret_env": "S", **table}
    (made,) = parse([given], {"S": "canary-client-secret"})
    return made


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
