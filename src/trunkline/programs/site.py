"""What a browser sees: the status page here, everything else in `pages`."""

import os
import time
from collections.abc import Iterable

import trunkline
from trunkline.admin import status
from trunkline.admin.clients import clients
from trunkline.contract import CATEGORIES, Service
from trunkline.gateway.asgi import App, Receive, Scope, Send
from trunkline.gateway.dispatch import CategoryState
from trunkline.programs.assembly import Assembly

_HTML = (b"content-type", b"text/html; charset=utf-8")
_CSS = (b"content-type", b"text/css; charset=utf-8")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_WORDS = {"up": "running", "down": "idle", "failing": "failed"}
_MEGABYTE = 1024 * 1024


class Site:
    """An ASGI app for every path that is not the protocol's."""

    def __init__(self, assembly: Assembly, pages: App, url: str, *, sandbox: bool) -> None:
        self._assembly = assembly
        self._pages = pages
        self._url = url
        self._sandbox = sandbox
        self._started = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] not in ("/", "/status.css"):
            await self._pages(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await _respond(scope, send, 405, b"method not allowed", _TEXT)
        elif scope["path"] == "/":
            await _respond(scope, send, 200, status.page(self.status()), _HTML)
        else:
            await _respond(scope, send, 200, status.stylesheet(), _CSS)

    def status(self) -> status.Status:
        """What the page says at this moment."""
        states = {state.category: state for state in self._assembly.ports.states()}
        services = self._assembly.catalog.services.values()
        return status.Status(
            version=trunkline.__version__,
            url=self._url,
            uptime=time.monotonic() - self._started,
            pid=os.getpid(),
            memory=status.memory(os.getpid()),
            sandbox=self._sandbox,
            categories=tuple(_category(name, states[name], services) for name in CATEGORIES),
            upstreams=tuple(
                status.UpstreamRow(one.id, one.url, "down" if one.fault else "up", one.tools)
                for one in self._assembly.federation.states()
            ),
            clients=clients(self._url),
        )


def _category(name: str, state: CategoryState, services: Iterable[Service]) -> status.CategoryRow:
    own = sorted((each for each in services if each.category == name), key=lambda each: each.title.lower())
    return status.CategoryRow(
        name,
        _WORDS.get(state.state, state.state),
        tuple(status.ServiceRow(each.title, each.tools) for each in own),
        state.pid,
        state.rss_bytes / _MEGABYTE,
        state.restarts,
    )


async def _respond(scope: Scope, send: Send, code: int, body: bytes, kind: tuple[bytes, bytes]) -> None:
    headers = [kind, (b"content-length", b"%d" % len(body)), *status.HEADERS]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
