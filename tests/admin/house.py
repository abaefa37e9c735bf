"""The admin site in this process, over a real catalog and database, with people of two organizations."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity.site import allowed_clients
from tests.support.browser import Browser, Page
from tests.support.gateway import prepare
from trunkline.admin.api.dispatch import PREFIX
from trunkline.admin.news import News
from trunkline.admin.render import Templates
from trunkline.admin.site import Router
from trunkline.identity.api_keys import Wanted
from trunkline.identity.ports import SignedIn
from trunkline.infra import settings
from trunkline.infra.engine import open_engine
from trunkline.infra.fetch import Outbound
from trunkline.infra.location import Location, PostgreSQL
from trunkline.infra.tables import memberships, organizations, users
from trunkline.programs.admin import Admin, Here, Stored
from trunkline.programs.assembly import Assembly, assembled
from trunkline.programs.connecting import Connecting
from trunkline.programs.connections import LazyConnections
from trunkline.programs.identity import Identity, Site
from trunkline.programs.settings import load

URL = "https://gw.example"
ROLES = ("viewer", "member", "admin", "owner")


@dataclass(frozen=True)
class House:
    """`people` are signed in: `acme-admin`, `other-viewer` …"""

    admin: Admin
    assembly: Assembly
    identity: Identity
    engine: AsyncEngine
    router: Router
    people: dict[str, Browser]
    folder: Path
    news: News
    where: Location

    @property
    def nobody(self) -> Browser:
        return Browser(self.router, URL)

    async def connections(self) -> Connecting:
        """What connects services, where people do."""
        assert isinstance(self.assembly.connections, LazyConnections)
        return await self.assembly.connections.opened()

    async def who(self, person: str) -> SignedIn:
        cookie = "; ".join(f"{name}={value}" for name, value in self.people[person].cookies.items())
        found = await self.identity.sessions.signed_in({"headers": [(b"cookie", cookie.encode())]})
        assert found is not None
        return found

    async def ask(self, person: str, path: str) -> Page:
        return await self.people[person].get(PREFIX + path)

    async def get(self, person: str, path: str) -> Any:
        page = await self.ask(person, path)
        assert page.status == 200, page.text
        return json.loads(page.text)

    async def change(self, person: str, method: str, path: str, **body: Any) -> Page:
        """As a script of our own page sends it."""
        own = {"origin": URL, "sec-fetch-site": "same-origin", "content-type": "application/json"}
        token = {"x-csrf-token": (await self.who(person)).csrf}
        return await self.people[person].send(method, PREFIX + path, own | token, msgspec.json.encode(body))

    async def key(self, person: str, **wanted: Any) -> dict[str, str]:
        """The header of a new API key."""
        made = await self.identity.keys.create(await self.who(person), Wanted("test", **wanted))
        return {"authorization": f"Bearer {made}"}


@asynccontextmanager
async def house(
    folder: Path, catalog: Path, *, connect: bool = False, server: PostgreSQL | None = None
) -> AsyncGenerator[House]:
    """With `connect` people connect services; else all are connected, as the sandbox has it. On SQLite, or `server`."""
    prepare(folder, catalog)
    flags: dict[str, Any] = {"sandbox_connect": connect, "database_url": server.url if server else ""}
    flags |= {
        "data_dir": str(folder),
        "sandbox": True,
        "sandbox_url": "http://127.0.0.1:9",
        "topology": "monolith",
        "public_url": URL,
    }
    chosen = load(settings.Sources({}, folder / "none", {}, flags))
    async with assembled(chosen) as assembly:
        engine, outbound = open_engine(chosen.database), Outbound()
        identity = Identity(engine, Site(URL, bytes(32), (), outbound))
        await identity.start()
        clients = allowed_clients(engine, identity, time.time)
        stored, news = Stored(chosen.database, engine), News(interval=0.01)
        admin, templates = Admin(assembly, identity, stored, Here(chosen, news)), Templates()
        routes = [*identity.routes(templates, clients), *admin.routes(templates)]
        templates.offer(route.path for route in routes)
        router = Router(routes, identity.sessions, URL, templates.fault)
        people = {f"{name}-{role}": Browser(router, URL) for name in ("acme", "other") for role in ROLES}
        for person, browser in people.items():
            await settle(engine, person)
            secret = await identity.sessions.begin(person, person.partition("-")[0], "test", "")
            browser.cookies["__Host-trunkline"] = secret
        try:
            yield House(admin, assembly, identity, engine, router, people, folder, news, chosen.database)
        finally:
            await outbound.close()
            await engine.dispose()


async def settle(engine: AsyncEngine, person: str) -> None:
    """Makes the user `<organization>-<role>`, who has that role in it."""
    organization, _, role = person.partition("-")
    user = {"id": person, "kind": "person", "name": person, "email": "", "disabled": False, "created_at": 1.0}
    member = {"organization": organization, "user": person, "role": role, "created_at": 1.0}
    async with engine.begin() as connection:
        if role == ROLES[0]:
            await connection.execute(insert(organizations).values(id=organization, name=organization, created_at=1.0))
        await connection.execute(insert(users).values(**user))
        await connection.execute(insert(memberships).values(**member))
