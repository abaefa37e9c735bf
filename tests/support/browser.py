"""A browser for tests, over an ASGI app in this process: cookies, forms, and redirects within the site.

It keeps what a real one would: `Secure` and host-only cookies by name, the `Origin` of a form, no body of a redirect.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from trunkline.infra.http.asgi import App, Event


@dataclass(frozen=True)
class Page:
    """An answer as the browser shows it. `url` is where it came from."""

    status: int
    headers: dict[str, str]
    text: str
    url: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        assert found, f"no form with a token on {self.url}:\n{self.text}"
        return unescape(found[1])


@dataclass
class Browser:
    """One browser at the site `app`, which says it stands at `url`."""

    app: App
    url: str
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    agent: str = "TestBrowser/1"

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        return await self.send("GET", path, headers or {})

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Page:
        """As a form of our own page sends it; `headers` replace what the browser would say."""
        own = {
            "origin": self.url,
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
        }
        return await self.send("POST", path, {**own, **(headers or {})}, urlencode(form).encode())

    async def submit(self, page: Page, path: str, **form: str) -> Page:
        """A form of `page`, with its token."""
        return await self.post(path, {"csrf": page.csrf, **form})

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Page:
        parts = urlsplit(path.removeprefix(self.url))
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"host": urlsplit(self.url).netloc, "user-agent": self.agent, **headers}
        if cookie:
            given.setdefault("cookie", cookie)
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        sent: list[Event] = []

        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Event:
            """The body, and then nothing until it is given up: the browser stays."""
            return waiting.pop() if waiting else await asyncio.Future()

        async def send(event: Event) -> None:
            sent.append(event)

        await self.app(scope, receive, send)
        raw = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        for name, value in raw:
            if name == "set-cookie":
                self._keep(value)
        whole = b"".join(event["body"] for event in sent[1:])
        return Page(sent[0]["status"], dict(raw), whole.decode(), path)

    def _keep(self, header: str) -> None:
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        if name.startswith("__Host-"):
            assert "Secure" in attributes, "a browser refuses __Host- without Secure"
            assert "Path=/" in attributes, "a browser refuses __Host- without Path=/"
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
