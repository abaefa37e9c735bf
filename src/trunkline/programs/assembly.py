"""The gateway put together: everything that answers calls, whatever listens in front of it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import trunkline
from trunkline.catalog import Catalog
from trunkline.connections import Connections
from trunkline.connections.sandbox import SandboxConnections
from trunkline.connections.ticket import Sealer, TicketKey
from trunkline.contract import CATEGORIES, InvalidSettings
from trunkline.gateway.answer import Implementation
from trunkline.gateway.audit import AuditLog
from trunkline.gateway.dispatch import Ports
from trunkline.gateway.dispatch.child import ChildSettings
from trunkline.gateway.dispatch.children import ChildPorts
from trunkline.gateway.dispatch.launch import Launch
from trunkline.gateway.federation.federation import Federation
from trunkline.gateway.gateway import Gateway, Parts
from trunkline.gateway.inviting import Links, no_links
from trunkline.gateway.meta.priors import Priors
from trunkline.gateway.meta.tools import MetaTools
from trunkline.gateway.reach import Credentials
from trunkline.infra import database
from trunkline.infra.tasks import Tasks
from trunkline.programs.books import LazyBooks
from trunkline.programs.connections import LazyConnections
from trunkline.programs.database import Database
from trunkline.programs.sandbox_process import SandboxProcess
from trunkline.programs.settings import Settings
from trunkline.programs.toolsets import LazyToolsets
from trunkline.selection.index import Index

_SERVER = Implementation("trunkline", trunkline.__version__, "Trunkline")
_INSTRUCTIONS = (
    "Trunkline reaches many services (GitHub, Slack, Jira, Stripe …) through one connection. For any task with an "
    "outside service: find_tools with one short phrase per step, then call_tool (call_read_tool for tools marked "
    "[read]) with a name and arguments as its signature shows them; describe_tools where it leaves something open."
)


@dataclass(frozen=True, slots=True)
class Assembly:
    """A gateway that is ready for calls, and the parts that a status page tells of."""

    gateway: Gateway
    catalog: Catalog
    ports: Ports
    federation: Federation
    connections: Connections
    toolsets: LazyToolsets
    priors: Priors
    index: Index
    meta: MetaTools

    async def warm(self) -> None:
        """Opens, off the critical path, what a first call would otherwise wait for."""
        if isinstance(self.connections, LazyConnections):
            self.connections.warm()
        await self.gateway.sdk.warm()


@asynccontextmanager
async def assembled(settings: Settings, links: Links = no_links) -> AsyncGenerator[Assembly]:
    """Everything constructed and started; closed in reverse order. `links` lead to the connect pages.

    Raises `NotFound` without a catalog, `InvalidSettings` and `AuditUnavailable`.
    """
    folder = settings.data.create()
    database.prepare(settings.database)
    catalog = Catalog.open(folder.catalog)
    async with AsyncExitStack() as stack:
        stored = Database(settings.database)
        stack.push_async_callback(stored.close)
        sandbox = await _sandbox(settings, stack)
        connections = _connections(settings, catalog, stack)
        keys = {category: TicketKey.generate() for category in CATEGORIES}
        sealer = Sealer(keys)
        audit = AuditLog(settings.database)
        await audit.start()
        stack.push_async_callback(audit.close)
        ports = _ports(settings, catalog, keys, sealer, sandbox)
        stack.push_async_callback(ports.close)
        federation = Federation(settings.upstreams)
        stack.push_async_callback(federation.close)
        await federation.start()
        index = Index.open(folder.catalog)
        books = LazyBooks(stored, learning=settings.gateway.learning)
        priors = Priors(books)
        meta = MetaTools(catalog, index, connections.connected, ports.warm, priors)
        refresh = connections.refresh if isinstance(connections, LazyConnections) else None
        credentials = Credentials(connections, sealer, refresh)
        toolsets = LazyToolsets(stored)
        parts = Parts(catalog, meta, federation, credentials, ports, audit, toolsets, books, links)
        gateway = Gateway(parts, settings.gateway, _SERVER, _INSTRUCTIONS)
        stack.push_async_callback(gateway.close)
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        tasks.start(gateway.works.run(), "ledger")
        yield Assembly(gateway, catalog, ports, federation, connections, toolsets, priors, index, meta)


async def _sandbox(settings: Settings, stack: AsyncExitStack) -> str:
    """The sandbox's `address:port`, started if need be; empty where calls go to the services themselves."""
    if not settings.calling.sandbox:
        return ""
    if settings.calling.sandbox_url:
        return _address(settings.calling.sandbox_url)
    process = SandboxProcess(settings.cache, settings.mirror, settings.data.log)
    stack.push_async_callback(process.close)
    await process.start()
    host, port = process.address
    return f"{host}:{port}"


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.port is None or parts.path.strip("/"):
        raise InvalidSettings(f"sandbox_url = {url!r} is not accepted.", "Accepted: http://address:port.")
    return f"{parts.hostname}:{parts.port}"


def _connections(settings: Settings, catalog: Catalog, stack: AsyncExitStack) -> Connections:
    if settings.calling.sandbox and not settings.calling.sandbox_connect:
        return SandboxConnections(catalog.services)
    stored = LazyConnections(settings, catalog.services)
    stack.push_async_callback(stored.close)
    return stored


def _ports(settings: Settings, catalog: Catalog, keys: Mapping[str, TicketKey], sealer: Sealer, sandbox: str) -> Ports:
    if settings.calling.topology == "monolith":
        from trunkline.programs.monolith import InProcessPorts  # noqa: PLC0415 - brings in every category's imports

        return InProcessPorts(catalog, keys, sandbox)
    launch = Launch(settings.data.catalog, sandbox)
    return ChildPorts(keys, launch, sealer.renew, ChildSettings(idle_seconds=settings.calling.idle_seconds))
