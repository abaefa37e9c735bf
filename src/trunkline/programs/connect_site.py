"""The connect pages of a gateway, put together when the first page is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.connections import Connections
from trunkline.connections.links import Links
from trunkline.contract import Service
from trunkline.programs.connections import LazyConnections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.admin.render import Templates
    from trunkline.admin.site import Route


@dataclass(frozen=True, slots=True)
class ToConnect:
    """What the pages need. Without a store (the sandbox, as it usually is) there are none."""

    connections: Connections
    services: Mapping[str, Service]
    links: Links

    async def routes(self) -> "Callable[[Templates], Iterable[Route]]":
        """A function that makes the routes, once there are templates."""
        if not isinstance(self.connections, LazyConnections):
            return lambda _templates: ()
        opened = await self.connections.opened()
        from trunkline.admin.connect import ConnectPages  # noqa: PLC0415 - SQLAlchemy, which is imported by now

        return lambda templates: ConnectPages(templates, opened.parts, opened.flow, self.links, self.services).routes()
