"""A person connects a service, has it verified and disconnects it, in a real browser."""

import pytest

from tests.journeys.browser_world import House, connect, sign_in
from tests.support import dashboard
from tests.support.chromium import Chromium
from tests.support.dashboard import LOOKS

pytestmark = pytest.mark.xdist_group("browser")


async def test_a_connection_is_made_verified_and_ended(running: House, browser: Chromium) -> None:
    page = await browser.page()
    await page.goto(f"{running.home}/login?next=/connections")
    await sign_in(page, "carol")
    await page.get_by_text("Nothing is connected here yet.").wait_for()
    await page.get_by_role("link", name="Connect a service").click()
    await page.goto(f"{running.home}/connect/github")
    await connect(page)
    await page.get_by_role("link", name="All connections").click()
    await page.get_by_text("1 connection", exact=True).wait_for()
    for _, scheme, width in LOOKS:
        await dashboard.look(page, scheme, width)
        assert await dashboard.violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.get_by_role("button", name="Verify").click()
    await page.locator(".verdict .status.ok").wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Disconnect").click()
    await page.get_by_text("Nothing is connected here yet.").wait_for()


async def test_a_tool_of_what_is_not_connected_leads_from_the_playground_to_connecting_it(
    running: House, browser: Chromium
) -> None:
    page = await browser.page()
    await page.goto(f"{running.home}/login?next=/playground%3Ftool%3Dstripe_list_customers")
    await sign_in(page, "dora")
    await page.get_by_role("button", name="Call the tool").click()
    await page.get_by_text("Not done: needs connection.").wait_for()
    await page.get_by_role("link", name="Connect Stripe").click()
    await page.wait_for_url("**/connect/stripe")
    assert await page.get_by_role("heading", level=1).count() == 1
