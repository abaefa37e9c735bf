"""One's own connections and those that serve everybody: how they stand, are they good, and their end."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given, Page, Word
from trunkline.admin.api.paging import paged
from trunkline.connections.disconnect import Disconnect
from trunkline.connections.flow import Parts, Visitor
from trunkline.connections.grants import Grant
from trunkline.connections.store import Stored
from trunkline.connections.verify import Verdict
from trunkline.contract import InvalidArguments, NotFound, Principal, Service
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

PAGE_SIZE: Final = 25
_LASTING: Final = 24 * 3600.0  # a token that lives so long, and was never renewed, may be one that cannot be
State = Literal["good", "failing", "over"]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class ConnectionsQuery(Given, frozen=True):
    """`search` is looked for in titles and accounts; `shared`: only those that serve everybody, or only one's own."""

    search: Word = ""
    shared: bool | None = None
    page: Page = 1


class ConnectionRow(msgspec.Struct, frozen=True):
    """`service` is one that it serves. Times are 0 for never, or unknown; `used_at` is as the latest calls tell.

    `renews`: the token that expires is renewed by itself. `state` over: a person must consent again, see `reason`.
    """

    id: str
    service: str
    title: str
    kind: str
    account: str
    shared: bool
    state: State
    reason: str
    scopes: tuple[str, ...]
    connected_at: float
    expires_at: float
    renews: bool
    used_at: float
    verifiable: bool


class ConnectionList(msgspec.Struct, frozen=True):
    """One page of `total`: one's own first, each by title."""

    connections: tuple[ConnectionRow, ...]
    total: int
    page: int
    pages: int


class OneConnection(Given, frozen=True):
    connection: Id


class Disconnected(msgspec.Struct, frozen=True):
    """`given_back`: the provider took the tokens back. A key, or a provider without a way, leaves nothing to take."""

    given_back: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What is behind the store once it is open."""

    parts: Parts
    disconnect: Disconnect


@dataclass(frozen=True, slots=True)
class ConnectionRoom:
    """`verify` makes a service's own verify call as somebody; `last_used` tells when connections were used."""

    opened: Callable[[], Awaitable[Opened]]
    services: Mapping[str, Service]
    verify: Callable[[Principal, Service], Awaitable[Verdict]]
    last_used: Callable[[Principal], Awaitable[dict[str, float]]]

    def endpoints(self) -> Iterable[Endpoint]:
        path, member = "/connections/{connection}", Role.MEMBER
        yield Endpoint("GET", "/connections", Role.VIEWER, "Connections", self.list, ConnectionsQuery, ConnectionList)
        yield Endpoint("POST", f"{path}/verify", member, "Is it good?", self.check, OneConnection, Verdict)
        yield Endpoint("DELETE", path, member, "Disconnects", self.remove, OneConnection, Disconnected)

    async def list(self, by: SignedIn, given: ConnectionsQuery) -> ConnectionList:
        principal, parts = principal_of(by), (await self.opened()).parts
        stored = [row for row in await parts.store.list(principal) if given.shared in (None, row.shared)]
        grants = await parts.grants.among(principal.organization)
        used = await self.last_used(principal)
        rows = [self._row(row, grants.get(row.id), used.get(row.id, 0.0)) for row in stored]
        words = given.search.lower().split()
        found = [row for row in rows if all(word in f"{row.title} {row.account}".lower() for word in words)]
        found.sort(key=lambda row: (row.shared, row.title.lower()))
        return ConnectionList(*paged(found, given.page, PAGE_SIZE))

    async def check(self, by: SignedIn, given: OneConnection) -> Verdict:
        """Raises NotFound, and InvalidArguments where another connection would be asked, or no tool tells."""
        principal, parts = principal_of(by), (await self.opened()).parts
        row = next((each for each in await parts.store.list(principal) if each.id == given.connection), None)
        if row is None:
            raise NotFound("There is no such connection.", "The connections page lists them.")
        service = self._served(row.service)
        if service is None or not service.verify:
            raise InvalidArguments("No tool tells whether this connection is good.", "Call a tool of the service.")
        chosen = await parts.live.find(principal, service)
        if chosen is None or chosen.id != row.id:
            raise InvalidArguments("Your calls are not served by this connection.", "Verify the one that serves you.")
        return await self.verify(principal, service)

    async def remove(self, by: SignedIn, given: OneConnection) -> Disconnected:
        """Raises NotFound, and PolicyDenied for what serves everybody where `by` is no admin."""
        return Disconnected(await (await self.opened()).disconnect(visitor_of(by), given.connection))

    def _row(self, row: Stored, grant: Grant | None, used_at: float) -> ConnectionRow:
        service = self._served(row.service)
        id, title = (row.service, row.service) if service is None else (service.id, service.title)
        title = row.service if service is not None and service.family else title
        verifiable = service is not None and bool(service.verify)
        if grant is None:
            nothing = (row.created_at, 0.0, False)
            return ConnectionRow(
                row.id, id, title, row.kind, "", row.shared, "good", "", (), *nothing, used_at, verifiable
            )
        state: State = "over" if grant.state == "renew" else "failing" if grant.failures else "good"
        renews = bool(grant.expires_at) and (grant.refreshed_at > 0 or grant.expires_at - row.updated_at <= _LASTING)
        return ConnectionRow(
            row.id, id, title, row.kind, grant.account, row.shared, state, grant.reason, grant.asked,
            row.created_at, grant.expires_at, renews, used_at, verifiable,
        )  # fmt: skip

    def _served(self, connection: str) -> Service | None:
        """A service that the connection serves, one with a verify call if there is one."""
        served = [each for each in self.services.values() if each.connection == connection]
        return next((each for each in served if each.verify), served[0] if served else None)


def principal_of(by: SignedIn) -> Principal:
    return Principal(by.user, by.organization, by.name)


def visitor_of(by: SignedIn) -> Visitor:
    return Visitor(principal_of(by), by.role, by.session)
