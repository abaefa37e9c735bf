"""Two categories in child processes, in front of a real HTTP server."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.category.house import ACME, CREATE, CREDENTIAL, GET, Handler, call, service
from trunkline.catalog import write_catalog
from trunkline.connections.ticket import Sealer, TicketKey
from trunkline.contract import AllowedCall, Done, Failed
from trunkline.gateway.dispatch.child import ChildSettings
from trunkline.gateway.dispatch.children import ChildPorts
from trunkline.gateway.dispatch.launch import Launch

KEYS: Final = {category: TicketKey.generate() for category in ("code", "comms", "pm", "ai")}
SEALER: Final = Sealer(KEYS)
BETA_GET: Final = msgspec.structs.replace(GET, name="beta_get_item", service="beta", category="comms")
MISBEHAVING: Final = (sys.executable, str(Path(__file__).with_name("misbehaving.py")))


def write_two_categories(folder: Path) -> Path:
    beta = msgspec.structs.replace(ACME, id="beta", category="comms")
    write_catalog(folder, [(ACME, [GET, CREATE]), (beta, [BETA_GET])])
    return folder


@asynccontextmanager
async def children(handler: Handler, folder: Path, settings: ChildSettings | None = None) -> AsyncGenerator[ChildPorts]:
    async with service(handler) as port:
        launch = Launch(write_two_categories(folder), f"127.0.0.1:{port}")
        ports = ChildPorts(KEYS, launch, SEALER.renew, settings)
        try:
            yield ports
        finally:
            await ports.close()


@asynccontextmanager
async def misbehaving(settings: ChildSettings, folder: Path) -> AsyncGenerator[ChildPorts]:
    """Ports whose category servers do what `misbehaving.py` says for their category."""
    ports = ChildPorts(KEYS, Launch(folder, program=MISBEHAVING), SEALER.renew, settings)
    try:
        yield ports
    finally:
        await ports.close()


def beta_call(**changes: Any) -> AllowedCall:
    return call(BETA_GET.name, service="beta", category="comms", **changes)


async def end_of(ports: ChildPorts, allowed: AllowedCall) -> Done | Failed:
    ticket = SEALER.seal(allowed, CREDENTIAL)
    events = [event async for event in ports.of(allowed.category).call(allowed, ticket)]
    assert len(events) == 1
    end = events[0]
    assert isinstance(end, Done | Failed)
    return end


def pid_of(ports: ChildPorts, category: str = "code") -> int:
    return next(state.pid for state in ports.states() if state.category == category)
