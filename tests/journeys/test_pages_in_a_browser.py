"""How the pages look and what they let happen: light, dark and on a phone, with names that try to be script."""

from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from playwright.async_api import Page
from yarl import URL

from tests.identity.oauth.house import CHALLENGE
from tests.journeys.browser_world import House, sign_in
from tests.support.chromium import Chromium
from tests.support.gateway import trunkline

pytestmark = pytest.mark.xdist_group("browser")
EVIL = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
LOOKS: tuple[tuple[str, Literal["light", "dark"], int], ...] = (
    ("light", "light", 1280),
    ("dark", "dark", 1280),
    ("phone", "light", 375),
)


async def consent_url(running: House) -> str:
    """Where a client of an evil name sends its user."""
    uri = "https://app.example/callback"
    body = {"client_name": EVIL, "redirect_uris": [uri]}
    async with aiohttp.ClientSession() as http, http.post(f"{running.home}/oauth/register", json=body) as reply:
        client = (await reply.json())["client_id"]
    query = {"response_type": "code", "client_id": client, "redirect_uri": uri, "code_challenge": CHALLENGE}
    return str(URL(f"{running.home}/oauth/authorize").with_query({**query, "code_challenge_method": "S256"}))


async def looked_at(page: Page, url: str, folder: Path) -> None:
    """Opens the page in every look: nothing of a name has run, and nothing reaches past the edge."""
    for look, scheme, width in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme)
        await page.goto(url)
        name = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        await page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
        assert await page.evaluate("window.hit") is None
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{url} is {wide} wide in {width}"


async def test_no_page_runs_what_it_shows_nor_reaches_past_the_edge(
    running: House, browser: Chromium, tmp_path: Path
) -> None:
    """G01."""
    page, home = await browser.page(), running.home
    consent = await consent_url(running)
    await looked_at(page, f"{home}/login", tmp_path)
    await page.goto(f"{home}/login?next=/account")
    await sign_in(page, EVIL)
    await page.get_by_role("heading", name="onerror").wait_for()
    await page.get_by_label("Name").fill(EVIL)
    await page.get_by_role("button", name="Create").click()
    await page.get_by_text("Your new key.").wait_for()
    for path in ("account", "connect/github", "connect/stripe", "connections"):
        await looked_at(page, f"{home}/{path}", tmp_path)
    await looked_at(page, consent, tmp_path)
    await looked_at(page, home, tmp_path)
    assert page.url.startswith(home)


async def test_an_admins_pages_neither(running: House, browser: Chromium, tmp_path: Path) -> None:
    """G01: also what others have called themselves."""
    page = await browser.page()
    assert trunkline(running.gateway.folder, "users", "invite", "--role", "viewer").returncode == 0
    await page.goto(trunkline(running.gateway.folder, "login").stdout.strip())
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Members").wait_for()
    for path in ("members", "services/github/settings"):
        await looked_at(page, f"{running.home}/{path}", tmp_path)
