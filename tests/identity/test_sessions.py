"""Sessions of browsers, and the owner's link."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.people import town
from tests.identity.signin.providers import GitHubFake
from tests.identity.site import MASTER, URL
from tests.support.browser import Browser
from trunkline.identity.link import LINK_SECONDS, owner_link
from trunkline.identity.sessions import IDLE_SECONDS, SESSION_SECONDS, Cookies


async def test_the_owners_link_signs_one_browser_in_once(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    link = owner_link(URL, MASTER, at.clock.at)
    first, second = at.browser(), at.browser()
    assert (await second.get(link)).status == 200, "to look at it does not use it up"
    page = await first.post(link, {})
    assert (page.status, page.location) == (303, "/start")
    who = await at.signed_in(first)
    assert (who.user, who.organization, who.role) == ("owner", "local", "owner")
    assert (await second.post(link, {})).status == 401
    assert not second.cookies


@pytest.mark.parametrize("spoil", ["old", "of another key", "changed", "spelled otherwise", "cut", "empty"])
async def test_a_link_that_is_not_right_signs_nobody_in(engine: AsyncEngine, spoil: str):
    at = await site.opened(engine, GitHubFake())
    link = owner_link(URL, b"x" * 32 if spoil == "of another key" else MASTER, at.clock.at)
    if spoil == "old":
        at.clock.at += LINK_SECONDS
    if spoil == "changed":
        link = link[:-20] + ("A" if link[-20] != "A" else "B") + link[-19:]
    if spoil == "spelled otherwise":
        assert (await at.browser().post(link, {})).status == 303
        link += "="
    if spoil in ("cut", "empty"):
        link = link[: -30 if spoil == "cut" else link.rindex("/") - len(link)] + "/x" * (spoil == "empty")
    browser = at.browser()
    assert (await browser.post(link, {})).status in (401, 404)
    assert not browser.cookies


async def test_a_link_of_another_site_does_not_sign_in_by_its_form(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    browser = at.browser()
    link = owner_link(URL, MASTER, at.clock.at)
    assert (
        await browser.post(link, {}, {"origin": "https://evil.example", "sec-fetch-site": "cross-site"})
    ).status == 403
    assert not browser.cookies


async def test_a_session_ends_after_its_time_and_when_it_is_not_used(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    browser, _ = await at.owner()
    for _ in range(int(SESSION_SECONDS // IDLE_SECONDS)):
        assert (await browser.get("/account")).status == 200
        at.clock.at += IDLE_SECONDS - 1
    at.clock.at += IDLE_SECONDS
    assert (await browser.get("/account")).status == 303
    idle, _ = await at.owner()
    at.clock.at += IDLE_SECONDS + 1
    assert (await idle.get("/account")).status == 303


async def test_signing_out_ends_the_session_and_not_only_the_cookie(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    browser, page = await at.owner()
    kept = dict(browser.cookies)
    assert (await browser.submit(page, "/logout")).location == "/login"
    assert not browser.cookies
    assert (await Browser(at.router, URL, kept).get("/account")).status == 303


async def test_a_session_is_listed_and_ended_from_another(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    first, _ = await at.owner()
    second, page = await at.owner()
    assert page.text.count("TestBrowser/1") == 2
    other = (await at.signed_in(first)).session
    await second.submit(page, f"/account/sessions/{other}/end")
    assert (await first.get("/account")).status == 303
    assert (await second.get("/account")).status == 200


async def test_someone_elses_session_is_404(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    session = (await at.who(acme["owner"])).session
    admin = acme["admin"]
    page = await admin.submit(await admin.get("/account"), f"/account/sessions/{session}/end")
    assert page.status == 404


@pytest.mark.parametrize("value", ["", "guess", "x" * 43, "é" * 43, "a" * 5000, "' OR 1=1 --"])
async def test_a_cookie_that_is_none_of_ours_is_nobodys(engine: AsyncEngine, value: str):
    at = await site.opened(engine, GitHubFake())
    scope = {"headers": [(b"cookie", f"__Host-trunkline={value}".encode("latin-1", "replace"))]}
    assert await at.identity.sessions.signed_in(scope) is None


async def test_neither_cookies_nor_tokens_of_forms_lie_in_the_database(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    browser, page = await at.owner()
    secrets = [*browser.cookies.values(), page.csrf]
    async with engine.connect() as connection:
        rows = str([(await connection.execute(table.select())).all() for table in _tables()])
    assert not [secret for secret in secrets if secret in rows]


def _tables():
    from trunkline.infra.tables import metadata  # noqa: PLC0415

    return metadata.sorted_tables


def test_cookies_are_host_cookies_over_https_and_named_by_port_over_http():
    secure, plain = Cookies("https://gw.example"), Cookies("http://127.0.0.1:8001")
    assert secure.set_session("s")[1].startswith(b"__Host-trunkline=s; Path=/")
    assert secure.set_session("s")[1].endswith(b"HttpOnly; SameSite=Lax; Secure")
    assert plain.set_session("s")[1].startswith(b"trunkline-8001=s; Path=/")
    assert b"Secure" not in plain.set_session("s")[1]


async def test_who_comes_by_another_name_of_the_machine_is_sent_to_ours(engine: AsyncEngine):
    at = await site.opened(engine, GitHubFake())
    page = await at.browser().get("/login?next=/x", {"host": "localhost:8000"})
    assert (page.status, page.location) == (303, f"{URL}/login?next=/x")
