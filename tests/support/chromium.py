"""A real browser: the system's Chromium, headless, in a profile of its own. What it complains of is kept."""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_SECONDS = 20


@dataclass
class Chromium:
    """The browser. `complaints` are console errors (a refusal by a content policy is one) of pages at `watched`."""

    context: BrowserContext
    watched: str
    complaints: list[str] = field(default_factory=list[str])

    async def page(self) -> Page:
        page = await self.context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """For a page that another has opened."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complain(page.url, f"{error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(message.page.url if message.page else self.watched, message.text)

    def _complain(self, url: str, text: str) -> None:
        if url.startswith(self.watched):
            self.complaints.append(f"{url.partition('?')[0]}: {text}")


@asynccontextmanager
async def chromium(profile: Path, watched: str) -> AsyncGenerator[Chromium]:
    """A browser whose profile is the empty folder `profile`; pages below the URL `watched` must not complain."""
    async with async_playwright() as driver:
        context = await driver.chromium.launch_persistent_context(
            profile, executable_path=program(), headless=True, args=list(_FLAGS)
        )
        context.set_default_timeout(1000 * _SECONDS)
        try:
            yield Chromium(context, watched)
        finally:
            await context.close()


def program() -> str:
    """Where Chromium is. Without one a test is skipped, and says how to get it; where changes are judged it fails."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        give_up = pytest.fail if "CI" in os.environ else pytest.skip
        give_up("no Chromium is installed: apt-get install chromium")
    return found
