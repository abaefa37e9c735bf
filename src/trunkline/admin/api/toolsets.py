"""Toolsets: lists of tools that an organization offers at a URL of their own, and what listing them costs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given, Nothing, Word
from trunkline.contract import InvalidArguments
from trunkline.economy.offered import Listing
from trunkline.economy.toolsets import Stored, ToolsetStore, Wanted
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

ToolsetName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$", examples=["release-team"])]
Member = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$", examples=["github", "slack_post_message"])]
Members = Annotated[tuple[Member, ...], Meta(min_length=1, max_length=500)]
Record = Callable[[str, str, str, str], Awaitable[None]]


class Shown(msgspec.Struct, frozen=True):
    """What listing tools takes (o200k_base), and whether they would be listed or searched where nobody says."""

    tools: int
    tokens: int
    auto: Listing


class Shelf(Protocol):
    """What the gateway says of tools (implemented by `programs`)."""

    async def check(self, member: str) -> None:
        """Raises NotFound if there is no such service or tool."""
        ...

    def is_service(self, name: str) -> bool: ...

    def shown(self, members: frozenset[str]) -> Shown: ...

    def changed(self, organization: str) -> None:
        """The toolsets of an organization are others than before."""
        ...


class Choice(Given, frozen=True):
    """`members` are ids of services and names of tools, with commas between."""

    members: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,499}$", examples=["github"])]


class OneToolset(Given, frozen=True):
    toolset: ToolsetName


class NewToolset(Given, frozen=True):
    """`listing`: each tool listed (direct), found by the meta-tools (search), or whichever is cheaper (auto)."""

    toolset: ToolsetName
    members: Members
    summary: Word = ""
    listing: Listing = "auto"


class Toolset(msgspec.Struct, frozen=True):
    """A toolset, where it is, and what it costs."""

    name: str
    summary: str
    members: tuple[str, ...]
    listing: Listing
    url: str
    shown: Shown
    created_by: str
    updated_at: float


class ToolsetList(msgspec.Struct, frozen=True):
    """By name."""

    toolsets: tuple[Toolset, ...]


@dataclass(frozen=True, slots=True)
class Toolsets:
    """Everybody sees them, admins change them. `url` is ours; `record` writes an event."""

    store: ToolsetStore
    shelf: Shelf
    record: Record
    url: str

    def endpoints(self) -> Iterable[Endpoint]:
        path, viewer, admin = "/toolsets/{toolset}", Role.VIEWER, Role.ADMIN
        yield Endpoint("GET", "/toolsets", viewer, "Toolsets", self.list, answer=ToolsetList)
        yield Endpoint("GET", path, viewer, "A toolset", self.show, OneToolset, Toolset)
        yield Endpoint("POST", path, admin, "Makes or changes a toolset", self.save, NewToolset, Toolset)
        yield Endpoint("DELETE", path, admin, "Deletes a toolset", self.delete, OneToolset, Nothing)
        yield Endpoint("GET", "/cost", viewer, "What listing tools costs", self.cost, Choice, Shown)

    async def list(self, by: SignedIn, _given: Nothing) -> ToolsetList:
        return ToolsetList(tuple(map(self._told, await self.store.list(by.organization))))

    async def show(self, by: SignedIn, given: OneToolset) -> Toolset:
        """Raises NotFound."""
        return self._told(await self.store.get(by.organization, given.toolset))

    async def save(self, by: SignedIn, given: NewToolset) -> Toolset:
        """Raises InvalidArguments, NotFound for a member."""
        await self.store.save(by.organization, by.user, await self._checked(given))
        await self.record(by.organization, by.user, "toolset.save", given.toolset)
        self.shelf.changed(by.organization)
        return await self.show(by, OneToolset(given.toolset))

    async def delete(self, by: SignedIn, given: OneToolset) -> Nothing:
        """Raises NotFound."""
        await self.store.delete(by.organization, given.toolset)
        await self.record(by.organization, by.user, "toolset.delete", given.toolset)
        self.shelf.changed(by.organization)
        return Nothing()

    async def cost(self, _by: SignedIn, given: Choice) -> Shown:
        """What is unknown costs nothing."""
        return self.shelf.shown(frozenset(given.members.split(",")))

    async def _checked(self, given: NewToolset) -> Wanted:
        """Raises InvalidArguments, NotFound."""
        if self.shelf.is_service(given.toolset):
            raise InvalidArguments(f"{given.toolset} is a service: its tools are there.", "Choose another name.")
        for member in given.members:
            await self.shelf.check(member)
        return Wanted(given.toolset, given.summary.strip(), given.members, given.listing)

    def _told(self, stored: Stored) -> Toolset:
        return Toolset(
            stored.name, stored.summary, stored.members, stored.listing, f"{self.url}/mcp/t/{stored.name}",
            self.shelf.shown(frozenset(stored.members)), stored.created_by, stored.updated_at,
        )  # fmt: skip
