"""The admin API and the pages over it, put together."""

import asyncio
from collections.abc import Iterable

from trunkline.admin.api.dispatch import Api
from trunkline.admin.api.services import Services
from trunkline.admin.pages.organizations import Organizations
from trunkline.admin.pages.services import ServicePages
from trunkline.admin.render import Templates
from trunkline.admin.site import Route
from trunkline.catalog.origin import Origin, origin_of
from trunkline.contract import Service
from trunkline.identity.holders import StoredKeyHolders
from trunkline.programs.assembly import Assembly
from trunkline.programs.identity import Identity


class Admin:
    """Routes of the API and of the pages that use its functions. `url` is ours."""

    def __init__(self, assembly: Assembly, identity: Identity, url: str) -> None:
        self._accounts = identity.accounts
        self._services = Services(assembly.catalog, assembly.connections, _origin)
        holders = StoredKeyHolders(identity.keys, identity.standing)
        self.api = Api(self._services.endpoints(), identity.sessions, holders, url)

    def routes(self, templates: Templates) -> Iterable[Route]:
        yield from self.api.routes()
        yield from Organizations(templates, self._accounts).routes()
        yield from ServicePages(templates, self._services).routes()


async def _origin(service: Service) -> Origin | None:
    return await asyncio.to_thread(origin_of, service)
