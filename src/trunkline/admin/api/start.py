"""The first steps: where a client connects, and one call that shows that it works."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from trunkline.admin.api.connections import principal_of
from trunkline.admin.api.endpoint import Endpoint, Given
from trunkline.catalog import Catalog
from trunkline.connections import Connections
from trunkline.contract import NeedsConnection, Service
from trunkline.identity.api_keys import ApiKeys
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

_KNOWN: Final = ("github", "gitlab", "slack", "stripe")  # what most people know, to try first
_LONGEST: Final = 4000  # characters of an answer that are shown


class FirstSteps(msgspec.Struct, frozen=True):
    """`url` is the MCP endpoint. `tool` can be called right now, without arguments; empty: nothing is connected."""

    url: str
    sandbox: bool
    keys: int
    tool: str
    title: str


class Tried(msgspec.Struct, frozen=True):
    """How the call ended: `code` is ok or that of a fault, `text` the answer as an agent gets it.

    `note` comes with it: files, what was left out and how to get it. `tokens` is what reading both costs (estimate).
    """

    tool: str
    code: str
    text: str
    ms: float
    tokens: int = 0
    note: str = ""


Call = Callable[[SignedIn, str], Awaitable[Tried]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where clients reach us, and whether the sandbox answers."""

    url: str
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Start:
    """`call` makes a call as the asking user, through the gateway: allowed, audited and dispatched like any other."""

    catalog: Catalog
    connections: Connections
    keys: ApiKeys
    place: Place
    call: Call

    def endpoints(self) -> Iterable[Endpoint]:
        yield Endpoint("GET", "/start", Role.VIEWER, "First steps", self.show, answer=FirstSteps)
        yield Endpoint("POST", "/start/call", Role.VIEWER, "Makes the first call", self.attempt, answer=Tried)

    async def show(self, by: SignedIn, _given: Given) -> FirstSteps:
        own = [key for key in await self.keys.list(by) if key.user == by.user]
        service = await self._service(by)
        tool, title = (service.verify, service.title) if service is not None else ("", "")
        return FirstSteps(self.place.url, self.place.sandbox, len(own), tool, title)

    async def attempt(self, by: SignedIn, _given: Given) -> Tried:
        """Raises NeedsConnection where nothing is connected."""
        service = await self._service(by)
        if service is None:
            raise NeedsConnection("Nothing is connected yet.", "Connect a service on the services page.")
        tried = await self.call(by, service.verify)
        return msgspec.structs.replace(tried, text=tried.text[:_LONGEST])

    async def _service(self, by: SignedIn) -> Service | None:
        """The one to try: connected, with a read that needs no arguments."""
        connected = await self.connections.connected(principal_of(by))
        services = self.catalog.services
        ready = [each for each in services.values() if each.verify and each.connection in connected]
        known = [services[id] for id in _KNOWN if id in services and services[id] in ready]
        return next(iter([*known, *ready]), None)
