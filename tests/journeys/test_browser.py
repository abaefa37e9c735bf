"""What Trunkline is for, in a real browser: clients that know the URL alone, people who sign in, allow and connect."""

from pathlib import Path

import httpx2
import mcp_types as types
import pytest
from aiohttp import web
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from playwright.async_api import Page
from pydantic import AnyUrl

from tests.category.house import service
from tests.identity.oauth.test_sdk_client import Store
from tests.journeys.browser_world import TOOL, House, connect, sign_in
from tests.support.chromium import Chromium
from tests.support.inspector import inspector

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("era", [pytest.param("legacy", marks=pytest.mark.slow), "modern"])
async def test_the_inspector_connects_with_the_url_alone_and_a_call_goes_on_once_its_user_has_connected(
    running: House, browser: Chromium, tmp_path: Path, era: str
) -> None:
    page = await browser.page()
    with inspector(running.gateway.url, tmp_path, era) as url:
        await page.goto(url)
        await page.get_by_role("switch").click(force=True)  # the switch is drawn by the label that covers it
        await sign_in(page, f"ada-{era}")
        await page.get_by_role("button", name="Allow").click()
        await _calls(page)
        await _connects(browser, page)
        await page.get_by_role("button", name="I've completed it").click()
        await page.get_by_text("full_name").first.wait_for()
        assert await page.get_by_text("full_name").count() > 0


async def _calls(page: Page) -> None:
    await page.get_by_text("Tools", exact=True).first.click()
    await page.get_by_text("call_read_tool").first.click()
    await page.get_by_label("name").first.fill(TOOL)
    await page.get_by_role("button", name="Execute Tool").click()


async def _connects(browser: Chromium, page: Page) -> None:
    """Opens the link that the Inspector shows, in a tab of its own as its button does."""
    await page.get_by_text("GitHub is not connected.").wait_for()
    async with browser.context.expect_page() as opening:
        await page.get_by_role("button", name="Open in Browser").click()
    tab = await opening.value
    browser.watch(tab)
    await connect(tab)
    await tab.close()


class Person:
    """Opens what the SDK's client asks to be opened. It comes back to a program on this machine."""

    def __init__(self, browser: Chromium, login: str) -> None:
        self._browser = browser
        self._login = login
        self._answer: dict[str, str] = {}

    async def came_back(self, request: web.BaseRequest) -> web.StreamResponse:
        self._answer = self._answer or dict(request.query)  # the browser asks for an icon, too
        return web.Response(text="You can close this page.")

    async def authorizes(self, url: str) -> None:
        page = await self._browser.page()
        await page.goto(url)
        await sign_in(page, self._login)
        await page.get_by_role("button", name="Allow").click()
        await page.get_by_text("You can close this page.").wait_for()

    async def answer(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult.model_validate(self._answer)

    async def connects(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestURLParams)
        page = await self._browser.page()
        await page.goto(params.url)
        await connect(page)
        return types.ElicitResult(action="accept")


@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
async def test_the_official_client_does_so_too(running: House, browser: Chromium, era: str) -> None:
    person = Person(browser, f"bob-{era}")
    async with service(person.came_back) as port:
        metadata = OAuthClientMetadata(client_name="SDK", redirect_uris=[AnyUrl(f"http://127.0.0.1:{port}/callback")])
        auth = OAuthClientProvider(running.gateway.url, metadata, Store(), person.authorizes, person.answer)
        async with (
            httpx2.AsyncClient(auth=auth, timeout=60) as http,
            Client(
                streamable_http_client(running.gateway.url, http_client=http),
                mode=era,
                elicitation_callback=person.connects,
            ) as client,
        ):
            result = await client.call_tool("call_read_tool", {"name": TOOL})
    assert not result.is_error, result
    first = result.content[0]
    assert isinstance(first, types.TextContent)
    assert "full_name" in first.text
