"""The admin API and the pages over it, put together."""

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.admin.api.audit import Audit, Break, ChainCheck
from trunkline.admin.api.audit_rows import AuditRows
from trunkline.admin.api.connections import ConnectionRoom, Opened
from trunkline.admin.api.dispatch import Api
from trunkline.admin.api.last_use import last_used
from trunkline.admin.api.ledger import Ledger
from trunkline.admin.api.overview import Overviews
from trunkline.admin.api.playground import Playground
from trunkline.admin.api.rules import Rules
from trunkline.admin.api.services import Services
from trunkline.admin.api.settings import KeyRing, KeyState, SettingsRoom
from trunkline.admin.api.start import Call, Place, Start, Tried
from trunkline.admin.api.toolsets import Toolsets
from trunkline.admin.api.traffic import Traffic
from trunkline.admin.news import News
from trunkline.admin.pages.audit import AuditPages
from trunkline.admin.pages.connections import ConnectionPages
from trunkline.admin.pages.organizations import Organizations
from trunkline.admin.pages.overview import OverviewPages
from trunkline.admin.pages.playground import PlaygroundPages
from trunkline.admin.pages.rules import RulePages
from trunkline.admin.pages.services import ServicePages
from trunkline.admin.pages.settings import SettingsPages
from trunkline.admin.pages.start import StartPages
from trunkline.admin.pages.toolsets import ToolsetPages
from trunkline.admin.render import Templates
from trunkline.admin.site import Route
from trunkline.catalog.origin import Origin, origin_of
from trunkline.connections.attention import attention
from trunkline.connections.flow import Parts
from trunkline.connections.keys.rotate import Rotated
from trunkline.connections.keys.status import status_of
from trunkline.contract import Service, ToolCall
from trunkline.economy.learned import LearnedStore
from trunkline.economy.ledger import LedgerStore
from trunkline.economy.toolsets import ToolsetStore
from trunkline.gateway.audit.chain import verify
from trunkline.identity.directory import Directory
from trunkline.identity.holders import StoredKeyHolders
from trunkline.identity.ports import SignedIn
from trunkline.infra.location import Location
from trunkline.programs.assembly import Assembly
from trunkline.programs.attempt import tried
from trunkline.programs.connections import LazyConnections
from trunkline.programs.facts import facts
from trunkline.programs.identity import Identity
from trunkline.programs.machine import machine, stages
from trunkline.programs.playground import GatewayPlayer
from trunkline.programs.settings import Settings
from trunkline.programs.shelf import GatewayShelf
from trunkline.programs.verify import verified

_BREAKS: Final = 100  # that are told


@dataclass(frozen=True, slots=True)
class Stored:
    """The database: where it is, and the engine over it."""

    where: Location
    engine: AsyncEngine


@dataclass(frozen=True, slots=True)
class Here:
    """The settings of this start; `news` are the streams of pages."""

    settings: Settings
    news: News


class Admin:
    """Routes of the API and of the pages that use its functions."""

    def __init__(self, assembly: Assembly, identity: Identity, stored: Stored, here: Here) -> None:
        url = here.settings.listen.url
        self._news, self._browsers = here.news, identity.sessions
        self._accounts = identity.accounts
        self._services = Services(assembly.catalog, assembly.connections, _origin)
        holders = StoredKeyHolders(identity.keys, identity.standing)
        self._rules = _rules(assembly, url)
        self._connections = _connections(assembly, stored)
        check, spent = partial(_checked, stored.where), stages(assembly.gateway.timings)
        self._audit = Audit(AuditRows(stored.engine), Directory(stored.engine), check, spent)
        self._toolsets = Toolsets(ToolsetStore(stored.engine), GatewayShelf(assembly), identity.events.record, url)
        self._find = GatewayShelf(assembly).find
        self._keys = identity.key_room
        place = Place(f"{url}/mcp", here.settings.calling.sandbox)
        self._start = Start(assembly.catalog, assembly.connections, identity.keys, place, _call(assembly))
        self._playground = Playground(GatewayPlayer(assembly), place.sandbox)
        titles = {each.connection: each.title for each in assembly.catalog.services.values()}
        look = partial(attention, stored.engine)
        self._overviews = Overviews(Traffic(stored.engine), machine(assembly.ports), look, titles)
        self._settings = SettingsRoom(facts(here.settings), identity.members, identity.events, _key_ring(assembly))
        people = (identity.member_room, self._keys)
        rooms = (self._start, self._overviews, self._services, *self._rules, *self._connections, *people)
        rooms = (*rooms, self._settings, self._audit, self._toolsets, self._playground)
        rooms = (*rooms, _ledger(assembly, identity, stored))
        endpoints = [endpoint for room in rooms for endpoint in room.endpoints()]
        self.api = Api(endpoints, identity.sessions, holders, url)

    def routes(self, templates: Templates) -> Iterable[Route]:
        yield from self.api.routes()
        yield from Organizations(templates, self._accounts).routes()
        yield from OverviewPages(templates, self._overviews, self._news, self._browsers).routes()
        yield from StartPages(templates, self._start, self._keys).routes()
        yield from SettingsPages(templates, self._settings).routes()
        yield from ServicePages(templates, self._services).routes()
        yield from AuditPages(templates, self._audit).routes()
        yield from ToolsetPages(templates, self._toolsets, self._services, self._find).routes()
        yield from PlaygroundPages(templates, self._playground, self._services).routes()
        for rules in self._rules:
            yield from RulePages(templates, rules).routes()
        for room in self._connections:
            yield from ConnectionPages(templates, room).routes()


def _call(assembly: Assembly) -> Call:
    async def call(by: SignedIn, tool: str) -> Tried:
        return await tried(assembly.gateway, by, ToolCall(tool, b"{}"))

    return call


def _key_ring(assembly: Assembly) -> KeyRing | None:
    """None where no secret is stored."""
    connections = assembly.connections
    if not isinstance(connections, LazyConnections):
        return None

    async def state() -> KeyState:
        storage = (await connections.opened()).storage
        fault = await storage.fault()
        told = "" if fault is None else f"{fault.message} {fault.hint}".strip()
        return KeyState(await status_of(storage.engine, storage.providers), told)

    async def rotate(fresh: bool) -> Rotated:
        return await (await connections.opened()).storage.rotate(fresh)

    return KeyRing(state, rotate)


def _connections(assembly: Assembly, stored: Stored) -> tuple[ConnectionRoom, ...]:
    """None where nothing is connected by people."""
    connections = assembly.connections
    if not isinstance(connections, LazyConnections):
        return ()

    async def opened() -> Opened:
        found = await connections.opened()
        return Opened(found.parts, found.disconnect)

    verify, used = partial(verified, assembly), partial(last_used, stored.engine)
    return (ConnectionRoom(opened, assembly.catalog.services, verify, used),)


def _ledger(assembly: Assembly, identity: Identity, stored: Stored) -> Ledger:
    books, learned = LedgerStore(stored.engine), LearnedStore(stored.engine)
    return Ledger(books, learned, assembly.priors.forget, identity.events.record, time.time)


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


async def _checked(where: Location) -> ChainCheck:
    """In a process of its own: a million rows are seconds of computing, for which calls would wait."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        verdict = await asyncio.get_running_loop().run_in_executor(pool, verify, where)
    breaks = tuple(Break(each.seq, each.chain, each.position, each.reason) for each in verdict.breaks[:_BREAKS])
    return ChainCheck(verdict.rows, verdict.chains, len(verdict.unclosed), verdict.intact, breaks)
