"""The gateway, reached as clients reach it: in process, over real HTTP with either lane, and over stdio."""

import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.gateway.world import World, admit, authenticate
from trunkline.gateway.asgi import App, Receive, Scope, Send
from trunkline.gateway.sdk_lane import HOP
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.infra.http.server import HttpServer


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for the status page."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"status page"})


@asynccontextmanager
async def serving(app: App) -> AsyncGenerator[str]:
    """A real server on a free port; its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = HttpServer(app)
        await server.start(listener)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        await server.close(grace=5)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "catalog")
    yield world
    await world.gateway.close()


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    """The gateway's endpoint over HTTP; tokens: owner-token, guest-token."""
    async with serving(world.gateway.front(admit, site)) as base:
        yield base + "/mcp"


def sdk_only(world: World) -> App:
    """The official SDK with our handlers behind it, and nothing of ours in front but the token."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        scope[HOP] = (Caller(authenticate(headers[b"authorization"]), Toolset()), None)
        sdk = await world.gateway.sdk.warm()
        await sdk.app(scope, receive, send)

    return app
