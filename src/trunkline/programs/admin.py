"""The admin API and the pages over it, put together."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.admin.api.audit import Audit, Break, ChainCheck
from trunkline.admin.api.audit_rows import AuditRows
from trunkline.admin.api.dispatch import Api
from trunkline.admin.api.rules import Rules
from trunkline.admin.api.services import Services
from trunkline.admin.api.toolsets import Toolsets
from trunkline.admin.pages.audit import AuditPages
from trunkline.admin.pages.organizations import Organizations
from trunkline.admin.pages.rules import RulePages
from trunkline.admin.pages.services import ServicePages
from trunkline.admin.render import Templates
from trunkline.admin.site import Route
from trunkline.catalog.origin import Origin, origin_of
from trunkline.connections.flow import Parts
from trunkline.contract import Service
from trunkline.economy.toolsets import ToolsetStore
from trunkline.gateway.audit import verify
from trunkline.identity.directory import Directory
from trunkline.identity.holders import StoredKeyHolders
from trunkline.programs.assembly import Assembly
from trunkline.programs.connections import LazyConnections
from trunkline.programs.identity import Identity
from trunkline.programs.shelf import GatewayShelf

_BREAKS: Final = 100  # that are told


@dataclass(frozen=True, slots=True)
class Stored:
    """The database: its file, and the engine over it."""

    path: Path
    engine: AsyncEngine


class Admin:
    """Routes of the API and of the pages that use its functions. `url` is ours."""

    def __init__(self, assembly: Assembly, identity: Identity, stored: Stored, url: str) -> None:
        self._accounts = identity.accounts
        self._services = Services(assembly.catalog, assembly.connections, _origin)
        holders = StoredKeyHolders(identity.keys, identity.standing)
        self._rules = _rules(assembly, url)
        self._audit = Audit(AuditRows(stored.engine), Directory(stored.engine), partial(_checked, stored.path))
        self._toolsets = Toolsets(ToolsetStore(stored.engine), GatewayShelf(assembly), identity.events.record, url)
        rooms = (self._services, *self._rules, self._audit, self._toolsets)
        endpoints = [endpoint for room in rooms for endpoint in room.endpoints()]
        self.api = Api(endpoints, identity.sessions, holders, url)

    def routes(self, templates: Templates) -> Iterable[Route]:
        yield from self.api.routes()
        yield from Organizations(templates, self._accounts).routes()
        yield from ServicePages(templates, self._services).routes()
        yield from AuditPages(templates, self._audit).routes()
        for rules in self._rules:
            yield from RulePages(templates, rules).routes()


def _rules(assembly: Assembly, url: str) -> tuple[Rules, ...]:
    """None where nothing is connected by people: the sandbox, as it usually is."""
    connections = assembly.connections
    if not isinstance(connections, LazyConnections):
        return ()

    async def parts() -> Parts:
        return (await connections.opened()).parts

    return (Rules(parts, assembly.catalog.services, url),)


async def _origin(service: Service) -> Origin | None:
    return await asyncio.to_thread(origin_of, service)


async def _checked(path: Path) -> ChainCheck:
    """In a process of its own: a million rows are seconds of computing, for which calls would wait."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        verdict = await asyncio.get_running_loop().run_in_executor(pool, verify, path)
    breaks = tuple(Break(each.seq, each.chain, each.position, each.reason) for each in verdict.breaks[:_BREAKS])
    return ChainCheck(verdict.rows, verdict.chains, len(verdict.unclosed), verdict.intact, breaks)
