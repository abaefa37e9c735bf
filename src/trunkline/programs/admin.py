"""The admin API and the pages over it, put together."""

import asyncio
from collections.abc import Iterable

from trunkline.admin.api.dispatch import Api
from trunkline.admin.api.rules import Rules
from trunkline.admin.api.services import Services
from trunkline.admin.pages.organizations import Organizations
from trunkline.admin.pages.rules import RulePages
from trunkline.admin.pages.services import ServicePages
from trunkline.admin.render import Templates
from trunkline.admin.site import Route
from trunkline.catalog.origin import Origin, origin_of
from trunkline.connections.flow import Parts
from trunkline.contract import Service
from trunkline.identity.holders import StoredKeyHolders
from trunkline.programs.assembly import Assembly
from trunkline.programs.connections import LazyConnections
from trunkline.programs.identity import Identity


class Admin:
    """Routes of the API and of the pages that use its functions. `url` is ours."""

    def __init__(self, assembly: Assembly, identity: Identity, url: str) -> None:
        self._accounts = identity.accounts
        self._services = Services(assembly.catalog, assembly.connections, _origin)
        holders = StoredKeyHolders(identity.keys, identity.standing)
        self._rules = _rules(assembly, url)
        endpoints = [endpoint for room in (self._services, *self._rules) for endpoint in room.endpoints()]
        self.api = Api(endpoints, identity.sessions, holders, url)

    def routes(self, templates: Templates) -> Iterable[Route]:
        yield from self.api.routes()
        yield from Organizations(templates, self._accounts).routes()
        yield from ServicePages(templates, self._services).routes()
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
