"""A small house for the tests of this room: a service with a few tools, its catalog, and a real server behind it."""

import itertools
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from trunkline.catalog import Catalog, write_catalog
from trunkline.category.dial import SandboxDialer
from trunkline.category.server import CategoryServer, Limits
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener, Sealer, TicketKey
from trunkline.contract import (
    AllowedCall,
    AuthKind,
    AuthScheme,
    Body,
    BodyField,
    Credential,
    Done,
    Effect,
    Failed,
    Parameter,
    Plan,
    Service,
    ToolSpec,
)

KEY: Final = TicketKey.generate()
TOKEN: Final = "canary+secret/value"
CREDENTIAL: Final = Credential(AuthScheme(AuthKind.BEARER), {"token": TOKEN})
ACME: Final = Service(
    id="acme",
    title="Acme",
    summary="",
    category="code",
    base_url="https://api.acme.example/v1",
    hosts=("api.acme.example",),
    auth=(AuthScheme(AuthKind.BEARER),),
    headers={"X-Acme-Version": "3"},
)
_ids = itertools.count()


def tool(
    name: str, plan: Plan, schema: dict[str, Any], effect: Effect = Effect.READ, keep: tuple[str, ...] = ()
) -> ToolSpec:
    return ToolSpec(
        name=name,
        service="acme",
        category="code",
        operation=name,
        title=name,
        description=name,
        effect=effect,
        idempotent=effect is Effect.READ,
        input_schema=json.dumps({"type": "object", **schema}).encode(),
        signature=name,
        signature_tokens=1,
        listing_tokens=1,
        plan=plan,
        keep=keep,
    )


PLAN: Final = Plan("GET", "/")
GET: Final = tool(
    "acme_get_item",
    Plan("GET", "/items/{id}", (Parameter("id", "id", "path"), Parameter("page", "page", "query"))),
    {"properties": {"id": {"type": "string"}, "page": {"type": "integer"}}, "required": ["id"]},
)
LIST: Final = tool(
    "acme_list_items",
    Plan("GET", "/items", (Parameter("page", "page", "query"),)),
    {"properties": {"page": {"type": "integer"}}},
    keep=("number", "user.login"),
)
CREATE: Final = tool(
    "acme_create_item",
    Plan("POST", "/items", body=Body("application/json", (BodyField("title", "title"),), required=True)),
    {"properties": {"title": {"type": "string"}}, "required": ["title"]},
    effect=Effect.WRITE,
)


def write_small_catalog(folder: Path) -> Catalog:
    write_catalog(folder, [(ACME, [GET, LIST, CREATE])])
    return Catalog.open(folder)


def call(name: str = GET.name, arguments: object = None, **changes: Any) -> AllowedCall:
    spec = {each.name: each for each in (GET, LIST, CREATE)}.get(name, GET)
    fields: dict[str, Any] = {
        "id": f"call-{next(_ids)}",
        "tool": name,
        "service": "acme",
        "category": "code",
        "effect": spec.effect,
        "idempotent": spec.idempotent,
        "arguments": json.dumps({"id": "7"} if arguments is None else arguments).encode(),
        "subject": "ann",
        "organization": "acme-org",
        "hosts": ("api.acme.example",),
        "deadline": time.time() + 600,  # cases are made when tests are collected, long before they run
    }
    return AllowedCall(**{**fields, **changes})


def ticket_for(allowed: AllowedCall, credential: Credential | None = CREDENTIAL) -> bytes:
    return Sealer({"code": KEY}).seal(allowed, credential)


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def service(handler: Handler) -> AsyncGenerator[int]:
    """A real HTTP server on loopback that stands for every host; yields its port."""
    runner = web.ServerRunner(web.Server(handler, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def category(handler: Handler, folder: Path, limits: Limits | None = None) -> AsyncGenerator[CategoryServer]:
    """A category server in this process, in front of `handler`."""
    async with service(handler) as port:
        upstream = Upstream(SandboxDialer("127.0.0.1", port))
        server = CategoryServer("code", write_small_catalog(folder), Opener(KEY), upstream, limits)
        try:
            yield server
        finally:
            await server.close()


async def end_of(
    server: CategoryServer, allowed: AllowedCall, credential: Credential | None = CREDENTIAL
) -> Done | Failed:
    events = [event async for event in server.call(allowed, ticket_for(allowed, credential))]
    assert len(events) == 1
    end = events[0]
    assert isinstance(end, Done | Failed)
    return end


async def text_of(server: CategoryServer, allowed: AllowedCall) -> str:
    end = await end_of(server, allowed)
    assert isinstance(end, Done), end
    return end.result.text


async def fault_of(server: CategoryServer, allowed: AllowedCall, credential: Credential | None = CREDENTIAL) -> Failed:
    end = await end_of(server, allowed, credential)
    assert isinstance(end, Failed), end
    return end
