"""The dashboard in a real browser: signed in as the owner, in every look, judged by axe."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import Page

from tests.support.folders import ROOT
from tests.support.gateway import Gateway
from trunkline.identity.link import owner_link
from trunkline.infra.data_dir import DataDir
from trunkline.infra.keyfile import master_key

LOOKS: Final[tuple[tuple[str, Literal["light", "dark"], int], ...]] = (
    ("light", "light", 1280),
    ("dark", "dark", 1280),
    ("phone", "light", 390),
)
# What is shown of a page by its name: where it is, and what is opened on it.
PAGES: Final = {
    "start": ("/start", ""),
    "overview": ("/overview", ""),
    "services": ("/services", ""),
    "service": ("/services/github?search=create+issue", ".rows summary"),
    "toolsets": ("/toolsets", ""),
    "toolset": ("/toolsets/release-team?search=post+a+message&member=github_create_issue&member=slack", ""),
    "playground": ("/playground?ask=post+a+message+in+slack&tool=slack_post_message", ""),
    "audit": ("/audit", ""),
    "members": ("/members", ""),
    "member": ("/members/owner", ""),
    "settings": ("/settings", ""),
}
# Where people connect services there is one more.
CONNECTED: Final = {**PAGES, "connections": ("/connections", "")}
_AXE: Final = ROOT / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE: Final = ("serious", "critical")


def home_of(gateway: Gateway) -> str:
    return gateway.url.removesuffix("/mcp")


async def sign_in(page: Page, gateway: Gateway) -> None:
    """By a link, as `trunkline login` prints it."""
    await page.goto(owner_link(home_of(gateway), master_key(DataDir(gateway.folder).key), time.time()))
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation", name="Pages").wait_for()


async def make_calls(gateway: Gateway) -> None:
    """Something to look back on: calls that succeed, and one that does not."""
    async with gateway.client() as client:
        await client.call("call_tool", {"name": "github_list_repos_for_authenticated_user", "arguments": {}})
        issue = {"owner": "acme", "repo": "site", "title": "The door is stuck"}
        await client.call("call_tool", {"name": "github_create_issue", "arguments": issue})
        await client.call("call_tool", {"name": "stripe_list_customers", "arguments": {}})
        await client.call("call_tool", {"name": "github_create_issue", "arguments": {"owner": "acme"}})


async def make_toolset(page: Page, home: str) -> None:
    """Something to look at: a toolset of a few tools."""
    tools = "&".join(f"member={name}" for name in ("github_create_issue", "github_list_issues", "slack"))
    await page.goto(f"{home}/toolsets/release-team?search=&{tools}")
    await page.get_by_label("For").fill("Releases and what is said of them")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Delete this toolset").wait_for()


async def show(page: Page, home: str, name: str) -> None:
    """Opens a page, with what is opened on it."""
    path, opened = CONNECTED[name]
    await page.goto(home + path)
    if opened:
        await page.locator(opened).first.click()
        await page.locator(".tool").first.wait_for()


async def look(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme=scheme)


async def shoot(page: Page, home: str, folder: Path, names: Iterable[str]) -> None:
    """A picture of each of these pages in each look."""
    for name in names:
        for called, scheme, width in LOOKS:
            await look(page, scheme, width)
            await show(page, home, name)
            await page.screenshot(path=folder / f"{name}-{called}.png")


async def violations(page: Page) -> list[str]:
    """What axe finds serious or worse, with where it stands."""
    await page.evaluate(_AXE.read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]
