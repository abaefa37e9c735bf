"""Every route of the whole site, as a gateway serves it: who reaches it, from where, and what its answers carry.

A room that brings a route is in the walk by that: there is no list here to be added to.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.admin.house import ROLES, URL, settle
from tests.support.browser import Browser, Page
from tests.support.gateway import prepare
from trunkline.admin.news import News
from trunkline.admin.site import Access, Route, Router
from trunkline.connections.flow import Visitor, Wish
from trunkline.contract import Principal, Service
from trunkline.identity.oauth.grants import Code, Grant, Grants
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import reaches
from trunkline.infra import settings
from trunkline.programs.admin_site import ToAdmin
from trunkline.programs.assembly import assembled
from trunkline.programs.authorization import Authorization
from trunkline.programs.connect_site import ToConnect
from trunkline.programs.connecting import Connecting
from trunkline.programs.connections import LazyConnections, links
from trunkline.programs.database import Database
from trunkline.programs.identity import Identity
from trunkline.programs.people import People
from trunkline.programs.routes import router
from trunkline.programs.settings import load

SIGNED_IN: Final = (Access.VIEWER, Access.MEMBER, Access.ADMIN, Access.OWNER)
PUBLIC: Final = ("/static/", "/.well-known/", "/oauth/jwks")  # the same for everybody: may be kept


@dataclass(frozen=True)
class Site:
    """`people` are signed in, by `<organization>-<role>`."""

    router: Router
    url: str
    identity: Identity
    connecting: Connecting
    grants: Grants
    service: Service
    people: dict[str, Browser]

    def routes(self, *access: Access) -> list[Route]:
        found = [route for route in self.router.routes if route.access in access]
        assert found, access
        return found

    async def who(self, person: str) -> SignedIn:
        cookie = "; ".join(f"{name}={value}" for name, value in self.people[person].cookies.items())
        found = await self.identity.sessions.signed_in({"headers": [(b"cookie", cookie.encode())]})
        assert found is not None
        return found

    async def ask(self, route: Route, person: str = "", path: str = "", **form: str) -> Page:
        browser = self.people[person] if person else Browser(self.router, self.url)
        target = path or filled(route)
        return await (browser.get(target) if route.method == "GET" else browser.post(target, form))


def filled(route: Route, **named: str) -> str:
    """The route's path; a part that is not named is nothing of anybody's."""
    parts = {"service": "github", "provider": "github", "toolset": "code", "file": "app.css"} | named
    return "/".join(
        parts.get(part[1:-1], "none-of-ours") if part.startswith("{") else part for part in route.path.split("/")
    )


@pytest.fixture
async def whole(tmp_path: Path, catalog_folder: Path) -> AsyncGenerator[Site]:
    """What `trunkline up` puts together, with its connections."""
    prepare(tmp_path, catalog_folder)
    flags = {"data_dir": str(tmp_path), "sandbox": True, "sandbox_url": "http://127.0.0.1:9", "topology": "monolith"}
    chosen = load(settings.Sources({}, tmp_path / "none", {}, {**flags, "sandbox_connect": True, "public_url": URL}))
    sealed = links(chosen)
    async with assembled(chosen, sealed) as assembly, AsyncExitStack() as closing:
        database = Database(chosen.database)
        closing.push_async_callback(database.close)
        people = People(chosen, database)
        closing.push_async_callback(people.close)
        authorization = Authorization(chosen.data, database, people)
        closing.push_async_callback(authorization.close)
        identity, server = await people.identity(), await authorization.server()
        admin = ToAdmin(assembly, database, chosen, News(interval=0.01, longest=0.02))
        connect = ToConnect(assembly.connections, assembly.catalog.services, sealed.sealed)
        made = router(chosen, identity, server, (await connect.routes(), await admin.routes(identity)))
        assert isinstance(assembly.connections, LazyConnections)
        signed = {f"{name}-{role}": Browser(made, chosen.listen.url) for name in ("acme", "other") for role in ROLES}
        for person, browser in signed.items():
            await settle(await database.engine(), person)
            browser.cookies["__Host-trunkline"] = await identity.sessions.begin(
                person, person.partition("-")[0], "test", ""
            )
        yield Site(
            made,
            chosen.listen.url,
            identity,
            await assembly.connections.opened(),
            server.grants,
            assembly.catalog.services["github"],
            signed,
        )


async def test_g03_without_a_session_every_page_leads_to_sign_in_and_every_form_is_401(whole: Site) -> None:
    for route in whole.routes(*SIGNED_IN):
        answer = await whole.ask(route)
        if route.method == "GET":
            assert (answer.status, answer.location[:12]) == (303, "/login?next="), route.path
        else:
            assert answer.status == 401, route.path


async def test_g03_below_its_role_every_route_is_403(whole: Site) -> None:
    for route in whole.routes(*SIGNED_IN):
        for role in (each for each in ROLES if not reaches(each, route.access)):
            csrf = (await whole.who(f"acme-{role}")).csrf
            assert (await whole.ask(route, f"acme-{role}", csrf=csrf)).status == 403, f"{role}: {route.path}"


async def test_b14_g02_a_form_without_its_session_s_token_is_403_everywhere(whole: Site) -> None:
    foreign = (await whole.who("acme-admin")).csrf
    for route in (each for each in whole.routes(*SIGNED_IN) if each.method != "GET"):
        for form in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert (await whole.ask(route, "acme-owner", **form)).status == 403, route.path


async def test_g02_a_form_of_another_site_is_403_everywhere_with_the_token_too(whole: Site) -> None:
    csrf = (await whole.who("acme-owner")).csrf
    for route in (each for each in whole.routes(Access.OPEN, *SIGNED_IN) if each.method != "GET"):
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            answer = await whole.people["acme-owner"].post(filled(route), {"csrf": csrf}, headers)
            assert answer.status == 403, f"{route.path}: {headers}"


async def test_what_looks_at_no_cookie_is_the_api_and_the_endpoints_of_clients(whole: Site) -> None:
    """Nothing else may skip the checks above."""
    ours = ("/api/v1/", "/oauth/", "/.well-known/", "/token", "/register")
    assert all(route.path.startswith(ours) for route in whole.routes(Access.API))


async def test_b15_nothing_of_a_person_is_kept_or_framed_and_no_answer_is_an_accident(whole: Site) -> None:
    for route in whole.router.routes:
        for person in ("", "acme-owner"):
            csrf = (await whole.who(person)).csrf if person else ""
            if route.path == "/logout" or "/sessions/" in route.path:
                continue  # ends the session that the walk goes on with
            answer = await whole.ask(route, person, csrf=csrf)
            assert answer.status < 500, f"{route.path}: {answer.status} {answer.text}"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["x-content-type-options"] == "nosniff"
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, route.path
            assert "frame-ancestors 'none'" in policy, route.path
            assert "unsafe" not in policy, route.path
            if not route.path.startswith(PUBLIC):
                assert answer.headers["cache-control"] == "no-store", route.path


async def things(whole: Site, owner: SignedIn) -> dict[str, str]:
    """One of everything that is `owner`'s alone, by the part of a path that names it."""
    principal = Principal(owner.user, owner.organization)
    await whole.connecting.flow.with_key(Visitor(principal, owner.role), Wish(whole.service), {"token": "made-up"})
    (connection,) = await whole.connecting.parts.store.list(principal)
    grant = Grant(
        "grant-of-acme", "client", "Client", owner.user, owner.organization, "", owner.session, "mcp", "r", whole.url
    )
    code = Code(grant, "https://app.example/", "")
    await whole.grants.redeem(await whole.grants.issue(code), code)
    return {"connection": connection.id, "grant": grant.id, "session": owner.session, "user": owner.user}


async def test_g03_d10_a_thing_of_somebody_else_is_404_in_every_role_and_organization_and_stays(whole: Site) -> None:
    owner = await whole.who("acme-owner")
    named = await things(whole, owner)
    walked = set[str]()
    for route in whole.routes(*SIGNED_IN):
        part = next((name for name in named if f"{{{name}}}" in route.path), "")
        if not part:
            continue
        walked.add(part)
        for role in ROLES:
            csrf = (await whole.who(f"other-{role}")).csrf
            answer = await whole.ask(
                route, f"other-{role}", filled(route, **named), csrf=csrf, role="viewer", disabled="1", name="x"
            )
            assert answer.status == (404 if reaches(role, route.access) else 403), f"{role}: {route.path}"
    assert walked == named.keys()
    assert await whole.connecting.parts.store.list(Principal(owner.user, owner.organization))
    assert [one.grant.id for one in await whole.grants.list(owner.user, owner.organization)] == [named["grant"]]
    assert await whole.who("acme-owner") == owner
