"""Sign-in at a real OpenID provider: npm oidc-provider, which is certified."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.site import URL, World
from tests.support.browser import Browser, Page
from tests.support.oidc.person import consent
from tests.support.oidc.server import Client, oidc_provider
from trunkline.identity.signin.settings import Provider, parse
from trunkline.infra.clock import SystemClock
from trunkline.infra.fetch import Outbound

SECRET = "canary-client-secret-0123456789"
CALLBACK = f"{URL}/auth/idp/callback"


@pytest.fixture(scope="module")
def issuer() -> Generator[str]:
    clients = [
        Client("by-basic", SECRET, (CALLBACK,), "client_secret_basic", ("authorization_code",)),
        Client("by-post", SECRET, (CALLBACK,), "client_secret_post", ("authorization_code",)),
    ]
    with oidc_provider(clients) as url:
        yield url


def provider(issuer: str, client: str = "by-basic", secret: str = SECRET) -> Provider:
    table = {
        "id": "idp", "kind": "oidc", "url": issuer, "client_id": client, "client_secret_env": "S",
        "scopes": ["openid"], "join": True,
    }  # fmt: skip
    return parse([table], {"S": secret})[0]


@asynccontextmanager
async def world(engine: AsyncEngine, one: Provider) -> AsyncGenerator[World]:
    outbound = Outbound()
    try:
        yield await site.opened(engine, outbound, (one,), SystemClock())
    finally:
        await outbound.close()


async def sign_in(at: World, login: str) -> tuple[Browser, Page]:
    browser = at.browser()
    leaving = await browser.get("/auth/idp/start")
    assert leaving.status == 303, leaving.text
    return browser, await browser.get(f"/auth/idp/callback?{urlencode(await consent(leaving.location, login))}")


async def test_a_person_signs_in_with_code_and_pkce(engine: AsyncEngine, issuer: str):
    async with world(engine, provider(issuer)) as at:
        first, page = await sign_in(at, "alice")
        assert (page.status, page.location) == (303, "/account"), page.text
        assert "alice of the tests" in (await first.get("/account")).text
        second, _ = await sign_in(at, "alice")
        third, _ = await sign_in(at, "bob")
        who = [(await at.signed_in(browser)).user for browser in (first, second, third)]
        assert who[0] == who[1] != who[2]


async def test_c06_its_answer_is_taken_once_and_in_the_browser_that_left(engine: AsyncEngine, issuer: str):
    async with world(engine, provider(issuer)) as at:
        browser, other = at.browser(), at.browser()
        await other.get("/auth/idp/start")
        leaving = await browser.get("/auth/idp/start")
        answer = urlencode(await consent(leaving.location, "alice"))
        assert "iss=" in answer
        assert (await other.get(f"/auth/idp/callback?{answer}")).status == 403
        assert (await browser.get(f"/auth/idp/callback?{answer}")).status == 401
        assert (await sign_in(at, "alice"))[1].status == 303


async def test_its_refusal_of_our_secret_is_told_without_the_secret(engine: AsyncEngine, issuer: str):
    async with world(engine, provider(issuer, secret="canary-wrong")) as at:
        _, page = await sign_in(at, "alice")
        assert page.status == 401
        assert "invalid_client" in page.text
        assert "canary" not in page.text


async def test_a_person_who_is_known_here_only_by_invitation_comes_in_with_one(engine: AsyncEngine, issuer: str):
    closed = replace(provider(issuer), join=False)
    async with world(engine, closed) as at:
        assert (await sign_in(at, "carol"))[1].status == 403
        owner, account = await at.owner()
        page = await owner.submit(account, "/invitations", role="viewer")
        secret = page.text.partition("/invite/")[2][:43]
        browser = at.browser()
        shown = await browser.get(f"/invite/{secret}")
        assert "Join Local" in shown.text
        leaving = await browser.get(f"/auth/idp/start?invitation={secret}")
        back = await browser.get(f"/auth/idp/callback?{urlencode(await consent(leaving.location, 'carol'))}")
        assert back.status == 303
        assert (await at.signed_in(browser)).role == "viewer"
