"""API keys: one's own; an admin sees and revokes those of the whole organization."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given, Nothing, Page, Title, Word
from trunkline.admin.api.paging import paged
from trunkline.contract import PolicyDenied
from trunkline.identity.api_keys import ApiKey, ApiKeys, Wanted
from trunkline.identity.events import Events
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

PAGE_SIZE: Final = 200
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Toolset = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Days = Annotated[int, Meta(ge=0, le=3650, description="0 never expires")]


class KeysQuery(Given, frozen=True):
    """`user`: the keys of this user alone."""

    user: Word = ""
    page: Page = 1


class KeyList(msgspec.Struct, frozen=True):
    """One page of `total`, the oldest first."""

    keys: tuple[ApiKey, ...]
    total: int
    page: int
    pages: int


class NewKey(Given, frozen=True):
    """`toolsets`: what it may call, empty for everything. `user`: the service account it is for; empty: oneself."""

    name: Title
    toolsets: Annotated[tuple[Toolset, ...], Meta(max_length=50)] = ()
    read_only: bool = False
    days: Days = 90
    user: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = ""


class MadeKey(msgspec.Struct, frozen=True):
    """`key` is told this once."""

    key: str


class OneKey(Given, frozen=True):
    key: Id


@dataclass(frozen=True, slots=True)
class Keys:
    """Every act is written down."""

    keys: ApiKeys
    events: Events

    def endpoints(self) -> Iterable[Endpoint]:
        viewer = Role.VIEWER
        yield Endpoint("GET", "/keys", viewer, "API keys", self.list, KeysQuery, KeyList)
        yield Endpoint("POST", "/keys", viewer, "Makes an API key", self.create, NewKey, MadeKey)
        yield Endpoint("DELETE", "/keys/{key}", viewer, "Revokes an API key", self.revoke, OneKey, Nothing)

    async def list(self, by: SignedIn, given: KeysQuery) -> KeyList:
        found = [key for key in await self.keys.list(by) if given.user in ("", key.user)]
        return KeyList(*paged(found, given.page, PAGE_SIZE))

    async def create(self, by: SignedIn, given: NewKey) -> MadeKey:
        """Raises InvalidArguments, NotFound, and PolicyDenied for a key: it would make itself live for ever."""
        if not by.session:
            raise PolicyDenied("An API key makes no API keys.", "Sign in with a browser.")
        wanted = Wanted(given.name, given.toolsets, given.read_only, given.days, given.user)
        key = await self.keys.create(by, wanted)
        await self.events.record(by.organization, by.user, "key.create", given.user or given.name)
        return MadeKey(key)

    async def revoke(self, by: SignedIn, given: OneKey) -> Nothing:
        """Raises NotFound."""
        await self.keys.revoke(by, given.key)
        await self.events.record(by.organization, by.user, "key.revoke", given.key)
        return Nothing()
