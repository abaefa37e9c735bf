"""A person walks through the dashboard with a real browser; axe looks at every page in every look."""

import re
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.support import dashboard
from tests.support.chromium import chromium
from tests.support.dashboard import LOOKS, PAGES
from tests.support.gateway import Gateway
from tests.support.mcp import connect

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
async def page(running_gateway: Gateway, tmp_path: Path) -> AsyncGenerator[Page]:
    """The owner's; no page may complain of anything, and the content policy least of all."""
    async with chromium(tmp_path / "profile", dashboard.home_of(running_gateway)) as browser:
        opened = await browser.page()
        await dashboard.sign_in(opened, running_gateway)
        yield opened
        assert browser.complaints == []


async def test_a_new_owner_gets_from_the_link_to_a_working_call_within_a_minute(
    running_gateway: Gateway, tmp_path: Path
) -> None:
    async with chromium(tmp_path / "profile", dashboard.home_of(running_gateway)) as browser:
        page = await browser.page()
        started = time.monotonic()
        await dashboard.sign_in(page, running_gateway)
        await page.get_by_role("button", name="Make the key").click()
        line = await page.locator("#line-1").inner_text()
        await page.get_by_role("button", name=re.compile("^Call ")).click()
        await page.get_by_text("It works").wait_for()
        assert time.monotonic() - started < 60
        key = await page.locator("#key").inner_text()
        assert browser.complaints == []
    assert key in line
    async with connect(running_gateway.url, "modern", key) as client:
        found = await client.call("find_tools", {"query": "list issues"})
    assert "github_list_issues" in str(found)


async def test_a_service_is_searched_for_and_a_tool_of_it_read(page: Page) -> None:
    await page.get_by_role("link", name="Services").click()
    await page.get_by_label("Search").press_sequentially("github")
    await page.get_by_role("status").get_by_text("1 service", exact=True).wait_for()
    await page.get_by_role("link", name="GitHub").click()
    await page.get_by_label("Name").press_sequentially("create issue")
    await page.get_by_label("Effect").select_option("write")
    await page.wait_for_url("**effect=write*")
    await page.locator("summary", has_text="github_create_issue").first.click()
    await page.get_by_label("JSON Schema of the arguments").wait_for()
    signature = page.get_by_text("github_create_issue(owner", exact=False)
    await signature.wait_for()
    assert "title: str" in (await signature.inner_text())


async def test_the_overview_follows_what_happens_until_one_signs_out_elsewhere(
    page: Page, running_gateway: Gateway
) -> None:
    await page.get_by_role("link", name="Overview").click()
    figure = page.locator(".figure").first
    before = int((await figure.inner_text()).replace(",", ""))
    await dashboard.make_calls(running_gateway)
    await page.get_by_text(f"{before + 4}", exact=True).first.wait_for()
    await page.get_by_role("img", name="Calls per minute").wait_for()
    await page.get_by_label("Live").uncheck()
    other = await page.context.new_page()
    await other.goto(f"{dashboard.home_of(running_gateway)}/account")
    await page.get_by_label("Live").check()
    await other.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You may not follow this any more").wait_for()


async def test_a_failed_call_is_found_in_the_audit_log_and_the_log_is_whole(
    page: Page, running_gateway: Gateway
) -> None:
    await dashboard.make_calls(running_gateway)
    await page.get_by_role("link", name="Audit").click()
    await page.get_by_label("Outcome").select_option("failed")
    await page.get_by_text("invalid arguments").first.wait_for()
    await page.wait_for_url("**outcome=failed*")
    assert await page.get_by_text("ok", exact=True).count() == 0
    await page.locator("td.time a").first.click()
    await page.get_by_text("Where the time went").wait_for()
    await page.go_back()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    assert "github_create_issue" in (await (await download.value).path()).read_text("utf-8")
    await page.get_by_role("button", name="Check the chains").click()
    await page.get_by_text("Intact.").wait_for()


async def test_an_account_of_a_program_is_made_gets_a_key_and_is_removed(page: Page) -> None:
    await page.get_by_role("link", name="Members").click()
    await page.get_by_label("Name").fill("deploy robot")
    await page.get_by_role("button", name="Add").click()
    await page.get_by_role("button", name="New key").click()
    await page.get_by_text("The new key.").wait_for()
    await page.get_by_role("button", name="Revoke deploy robot").wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_label("Search").wait_for()
    assert await page.get_by_role("link", name="deploy robot").count() == 0


async def test_the_tools_of_a_toolset_are_chosen_by_search_with_their_cost_in_view(page: Page) -> None:
    await page.get_by_role("link", name="Toolsets").click()
    await page.get_by_label("Name").fill("walkers")
    await page.get_by_role("button", name="Choose its tools").click()
    await page.get_by_label("Add tools").press_sequentially("post a message in slack")
    await page.locator("input[value=slack_post_message]").check()
    await page.get_by_role("status").get_by_text("1 tool,").wait_for()
    await page.get_by_label("Add tools").fill("create a github issue")
    await page.locator("input[value=github_create_issue]").check()
    await page.get_by_role("status").get_by_text("2 tools,").wait_for()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Delete this toolset").wait_for()
    assert await page.locator("input[name=member]:checked").count() == 2
    await page.get_by_role("button", name="Delete this toolset").click()
    await page.get_by_text("None yet.").wait_for()


async def test_a_request_is_ranked_a_tool_of_it_chosen_and_called_as_the_agent_would(page: Page) -> None:
    await page.get_by_role("link", name="Playground").click()
    await page.get_by_label("What an agent would ask").fill("create a github issue in a repository")
    await page.get_by_role("button", name="Find tools").click()
    await page.get_by_role("list", name="Why github_create_issue", exact=True).get_by_text("words").first.wait_for()
    await page.get_by_text("As an agent reads it").click()
    await page.get_by_label("The answer of find_tools").get_by_text("github_create_issue(").wait_for()
    await page.locator(".ranked a", has_text=re.compile("^github_create_issue$")).click()
    await page.get_by_role("region", name="Tools around github_create_issue").wait_for()
    for name, value in (("owner", "acme"), ("repo", "site"), ("title", "The door is stuck")):
        await page.get_by_label(re.compile(f"^{name} required$")).fill(value)
    await page.get_by_label("I mean it").check()
    await page.get_by_role("button", name="Call the tool").click()
    await page.get_by_text("Answered in").wait_for()
    await page.get_by_label("The answer", exact=True).get_by_text("number").first.wait_for()
    assert await page.get_by_label(re.compile("^title required$")).input_value() == "The door is stuck"


async def test_an_owner_names_the_organization(page: Page) -> None:
    await page.get_by_role("link", name="Settings").click()
    for name in ("Acme & Sons", "Local"):
        await page.get_by_label("Name").fill(name)
        await page.get_by_role("button", name="Save").click()
        await page.locator(".menu summary", has_text=name).wait_for()
        assert await page.get_by_label("Name").input_value() == name


async def test_the_keyboard_reaches_the_page_past_its_head_and_the_organizations(page: Page) -> None:
    await page.get_by_role("link", name="Services").click()
    await page.get_by_label("Search").wait_for()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.locator(".menu summary").press("Enter")
    await page.locator(".choice[aria-current]").wait_for()


@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing_serious_and_nothing_reaches_past_the_edge(
    page: Page, running_gateway: Gateway, name: str
) -> None:
    for _, scheme, width in LOOKS:
        await dashboard.look(page, scheme, width)
        await dashboard.show(page, dashboard.home_of(running_gateway), name)
        assert await dashboard.violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
