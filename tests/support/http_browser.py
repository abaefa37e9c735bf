"""A browser for tests against a running gateway: cookies, and forms as our own pages send them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp

from tests.support.browser import Page


class HttpBrowser:
    """Follows no redirect by itself: a test looks at each."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def get(self, path: str) -> Page:
        async with self._session.get(self._at(path), allow_redirects=False) as answer:
            return Page(answer.status, _headers(answer), await answer.text(), path)

    async def post(self, path: str, **form: str) -> Page:
        own = {"origin": self.url, "sec-fetch-site": "same-origin"}
        async with self._session.post(self._at(path), data=form, headers=own, allow_redirects=False) as answer:
            return Page(answer.status, _headers(answer), await answer.text(), path)

    async def submit(self, page: Page, path: str, **form: str) -> Page:
        return await self.post(path, csrf=page.csrf, **form)

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self._session.cookie_jar}

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path


@asynccontextmanager
async def http_browser(url: str) -> AsyncGenerator[HttpBrowser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield HttpBrowser(session, url)


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}
