"""How this Trunkline is set up: what the settings say, what protects the secrets, and what can be changed here."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from trunkline.admin.api.endpoint import Endpoint, Given, Nothing, Title
from trunkline.connections.keys.rotate import Rotated
from trunkline.connections.keys.status import KeyStatus
from trunkline.contract import NotFound
from trunkline.identity.events import Events
from trunkline.identity.members import Members
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role


class Limit(msgspec.Struct, frozen=True):
    """A setting; `variable` sets it in the environment."""

    name: str
    value: str
    description: str
    variable: str


class SignInWay(msgspec.Struct, frozen=True):
    """A provider to sign in with. `join`: whoever passes it becomes a member, as `role`, without an invitation."""

    id: str
    title: str
    url: str
    join: bool
    role: str


class Kept(msgspec.Struct, frozen=True):
    """How long something is kept, in seconds; 0: for good."""

    what: str
    seconds: float


class Facts(msgspec.Struct, frozen=True):
    """What does not change while a process runs. `url` is the MCP endpoint."""

    url: str
    sandbox: bool
    providers: tuple[SignInWay, ...]
    limits: tuple[Limit, ...]
    kept: tuple[Kept, ...]


class KeyState(msgspec.Struct, frozen=True):
    """What protects stored secrets; `fault` says why they cannot be opened, empty if they can."""

    status: KeyStatus
    fault: str


class SettingsView(msgspec.Struct, frozen=True):
    """`keys` is None where nothing is stored: the sandbox, as it usually is."""

    organization: str
    facts: Facts
    keys: KeyState | None


class NewName(Given, frozen=True):
    name: Title


class Rotating(Given, frozen=True):
    """`fresh`: new data keys too, and every secret sealed anew."""

    fresh: bool = False


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of stored secrets: how they stand, and their rotation."""

    state: Callable[[], Awaitable[KeyState]]
    rotate: Callable[[bool], Awaitable[Rotated]]


@dataclass(frozen=True, slots=True)
class SettingsRoom:
    """For admins; what changes something is for owners. Keys are not rotated twice at once."""

    facts: Facts
    members: Members
    events: Events
    keys: KeyRing | None
    _rotating: asyncio.Lock = field(default_factory=asyncio.Lock)

    def endpoints(self) -> Iterable[Endpoint]:
        owner = Role.OWNER
        yield Endpoint("GET", "/settings", Role.ADMIN, "Settings", self.show, answer=SettingsView)
        yield Endpoint("POST", "/settings/organization", owner, "Names the organization", self.rename, NewName)
        yield Endpoint("POST", "/settings/keys/rotate", owner, "Rotates the keys", self.rotate, Rotating, Rotated)

    async def show(self, by: SignedIn, _given: Given) -> SettingsView:
        keys = None if self.keys is None else await self.keys.state()
        return SettingsView(await self.members.organization_name(by), self.facts, keys)

    async def rename(self, by: SignedIn, given: NewName) -> Nothing:
        """Raises InvalidArguments."""
        await self.members.rename(by, given.name)
        await self.events.record(by.organization, by.user, "organization.rename", given.name)
        return Nothing()

    async def rotate(self, by: SignedIn, given: Rotating) -> Rotated:
        """Raises KeysUnavailable, NotFound where nothing is stored. What was done stands in the rows all the same."""
        if self.keys is None:
            raise NotFound("No secrets are stored here.", "The sandbox has connections to everything.")
        async with self._rotating:
            done = await self.keys.rotate(given.fresh)
        counts = {"wrapped": done.wrapped, "made": done.made, "removed": done.removed, "sealed": done.sealed}
        await self.events.record(by.organization, by.user, "keys.rotate", detail=counts)
        return done
