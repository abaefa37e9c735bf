"""The state of things at this moment: traffic, category servers, connections that a person must look at."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from trunkline.admin.api.endpoint import Endpoint, Given
from trunkline.admin.api.traffic import LastHour, Traffic
from trunkline.connections.attention import Attention
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

FRESH: Final = 1.0  # seconds for which one answer serves everybody of an organization
State = Literal["up", "starting", "idle", "down", "in process"]


class Server(msgspec.Struct, frozen=True):
    """A category server. `memory` in MB, 0 where it is not a process of its own; `fault`: why it ended, last."""

    category: str
    state: State
    memory: float
    calls: int
    in_flight: int
    restarts: int
    fault: str


class Overview(msgspec.Struct, frozen=True):
    """`memory` (MB) is the gateway's; `uptime` in seconds."""

    at: float
    traffic: LastHour
    servers: tuple[Server, ...]
    connections: tuple[Attention, ...]
    memory: float
    uptime: float


class Machine(msgspec.Struct, frozen=True):
    servers: tuple[Server, ...]
    memory: float
    uptime: float


@dataclass(frozen=True, slots=True)
class Overviews:
    """For admins: the machine's state, and the organization's own traffic and connections."""

    traffic: Traffic
    machine: Callable[[], Machine]
    attention: Callable[[str, float], Awaitable[tuple[Attention, ...]]]
    titles: Mapping[str, str]  # of services, by the name their connections have
    now: Callable[[], float] = time.time
    _last: dict[str, Overview] = field(default_factory=dict[str, Overview])

    def endpoints(self) -> Iterable[Endpoint]:
        yield Endpoint("GET", "/overview", Role.ADMIN, "The state of things", self.show, answer=Overview)

    async def show(self, by: SignedIn, _given: Given) -> Overview:
        now, last = self.now(), self._last.get(by.organization)
        if last is not None and now - FRESH < last.at <= now:
            return last
        machine = self.machine()
        made = Overview(
            now, await self.traffic.of(by.organization), machine.servers,
            await self.attention(by.organization, now), machine.memory, machine.uptime,
        )  # fmt: skip
        self._forget(now)
        self._last[by.organization] = made
        return made

    def _forget(self, now: float) -> None:
        for organization, old in list(self._last.items()):
            if old.at < now - FRESH:
                del self._last[organization]
