"""A desk for connecting: store, flow and refresh over a database, a clock that is set by hand, a provider of one's own.

Two desks over one database are two gateways.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.safes import safe_of
from trunkline.connections.apps import Apps
from trunkline.connections.attempts import Attempts
from trunkline.connections.disconnect import Disconnect
from trunkline.connections.flow import Flow, Parts, Visitor
from trunkline.connections.grants import Grants
from trunkline.connections.live import LiveConnections
from trunkline.connections.provider import Providers
from trunkline.connections.refresh import Refresher
from trunkline.connections.store import StoredConnections
from trunkline.connections.token_endpoint import App, TokenEndpoint
from trunkline.contract import AuthKind, AuthScheme, Principal, Service, Variable
from trunkline.identity.events import Events
from trunkline.infra.fetch import Fetch, Outbound

ORIGIN = "http://127.0.0.1:8000"
ANN = Principal("ann", "acme")
BOB = Principal("bob", "acme")
EVE = Principal("ann", "other")  # the same subject in another organization
SECRET = "canary-app-secret"
FILES = Service(
    "files",
    "Files",
    "",
    "productivity",
    "https://files.example",
    ("files.example",),
    auth=(AuthScheme(AuthKind.BEARER, oauth2="house", scopes=("files:read",)),),
)
FILES_TOO = Service(
    "files-admin",
    "Files admin",
    "",
    "productivity",
    "https://files.example",
    ("files.example",),
    auth=(AuthScheme(AuthKind.BEARER, oauth2="house", scopes=("files:write",)),),
    family="files",
)
CRM = Service(
    "crm",
    "CRM",
    "",
    "crm",
    "https://{instance}.crm.example",
    ("{instance}.crm.example",),
    auth=(AuthScheme(AuthKind.BEARER, oauth2="house"),),
    variables={"instance": Variable()},
)
SERVICES = {service.id: service for service in (FILES, FILES_TOO, CRM)}
HOUSE = """
title: House
authorize: {issuer}/auth
token: {issuer}/token
client_auth: basic
refresh: rotating
scopes: [openid, offline_access]
authorize_parameters: {{prompt: consent}}
account: {{get: "{issuer}/me", id: /sub, name: /sub}}
revoke: {{url: "{issuer}/token/revocation", auth: basic, parameter: token, hint: refresh_token}}
"""


class HandClock:
    """A clock that is set by hand."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def ann(session: str = "browser-1", role: str = "member") -> Visitor:
    return Visitor(ANN, role, session)


def bob(session: str = "browser-2", role: str = "member") -> Visitor:
    return Visitor(BOB, role, session)


class Desk:
    """One gateway's parts. `folder` holds the key file; `providers` further provider files."""

    def __init__(self, engine: AsyncEngine, folder: Path, providers: Path, clock: HandClock, fetch: Fetch) -> None:
        safe = safe_of(engine, folder)
        endpoint = TokenEndpoint(fetch, fetch)
        self.engine = engine
        self.clock = clock
        self.store = StoredConnections(engine, safe, clock.now)
        self.grants = Grants(engine, safe)
        self.apps = Apps(engine, safe, Providers(providers))
        self.events = Events(engine, clock.now)
        self.refresher = Refresher(self.grants, self.apps, endpoint, self.events, clock)
        self.live = LiveConnections(engine, self.store, self.grants, self.refresher, clock.now)
        attempts = Attempts(engine, clock.now)
        self.parts = Parts(self.store, self.live, self.grants, self.apps, attempts, endpoint, self.events, clock)
        self.flow = Flow(self.parts, SERVICES, ORIGIN)
        self.disconnect = Disconnect(self.parts)

    async def add_app(self, organization: str = "acme", provider: str = "house") -> None:
        app = App(self.apps.providers.find(provider), "trunkline", SECRET)
        await self.apps.save(organization, app, self.clock.now())

    async def token(self, principal: Principal, service: Service = FILES) -> str:
        """The access token that a call of `principal` carries."""
        ref = await self.live.find(principal, service)
        assert ref is not None
        credential = await self.live.credential(ref)
        assert credential is not None
        return next(iter(credential.values.values()))


def house(folder: Path, issuer: str, extra: str = "") -> Path:
    """A folder with the provider file `house`."""
    folder.mkdir(exist_ok=True)
    (folder / "house.yaml").write_text(HOUSE.format(issuer=issuer) + extra, encoding="utf-8")
    return folder


@asynccontextmanager
async def desks(
    engine: AsyncEngine, folder: Path, issuer: str, clock: HandClock, count: int = 1
) -> AsyncGenerator[list[Desk]]:
    """`count` gateways over one database, and their real HTTP clients."""
    fetch = Outbound()
    providers = house(folder / "providers", issuer)
    made = [Desk(engine, folder, providers, clock, fetch) for _ in range(count)]
    await made[0].add_app()
    try:
        yield made
    finally:
        for desk in made:
            await desk.refresher.close()
        await fetch.close()
