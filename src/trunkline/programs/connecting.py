"""Connections put together: store, consent, refresh and what the connect pages need, over one database.

Import it where connections are opened, not where a program starts: it brings in SQLAlchemy.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from trunkline.connections.apps import Apps
from trunkline.connections.attempts import Attempts
from trunkline.connections.disconnect import Disconnect
from trunkline.connections.flow import Flow, Parts
from trunkline.connections.grants import Grants
from trunkline.connections.live import LiveConnections
from trunkline.connections.provider import Providers
from trunkline.connections.refresh import Refresher
from trunkline.connections.token_endpoint import TokenEndpoint
from trunkline.contract import Service
from trunkline.identity.events import Events
from trunkline.infra.clock import Clock, SystemClock
from trunkline.infra.fetch import Outbound
from trunkline.programs.keys import Storage


class Place(msgspec.Struct, frozen=True):
    """Where browsers reach us (`url`), what there is to connect, and where further provider files are."""

    url: str
    services: Mapping[str, Service]
    providers: Path | None = None


class Connecting:
    """The parts, for whoever needs one. To be closed; `storage` is closed with it."""

    def __init__(self, storage: Storage, place: Place, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self.storage = storage
        self._ours, self._typed = Outbound(), Outbound(public=True)
        endpoint = TokenEndpoint(self._ours, self._typed)
        grants = Grants(storage.engine, storage.safe)
        apps = Apps(storage.engine, storage.safe, Providers(place.providers))
        events = Events(storage.engine, clock.now)
        self._refresher = Refresher(grants, apps, endpoint, events, clock)
        live = LiveConnections(storage.engine, storage.store, grants, self._refresher, clock.now)
        attempts = Attempts(storage.engine, clock.now)
        self.parts = Parts(storage.store, live, grants, apps, attempts, endpoint, events, clock)
        self.flow = Flow(self.parts, place.services, place.url)
        self.disconnect = Disconnect(self.parts)

    async def close(self) -> None:
        await self._refresher.close()
        await self._ours.close()
        await self._typed.close()
        await self.storage.close()
