"""All category servers as child processes."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from trunkline.connections.ticket import TicketKey
from trunkline.contract import CategoryPort, NotFound
from trunkline.gateway.dispatch import CategoryState
from trunkline.gateway.dispatch.child import Child, ChildSettings, Renew
from trunkline.gateway.dispatch.launch import Launch
from trunkline.infra.tasks import Tasks

_TICK_SECONDS: Final = 1.0


class ChildPorts:
    """The `Ports` of one machine: a process for each category in `keys`, started when it is needed."""

    def __init__(
        self, keys: Mapping[str, TicketKey], launch: Launch, renew: Renew, settings: ChildSettings | None = None
    ) -> None:
        self._tasks = Tasks()
        self._settings = settings or ChildSettings()
        self._children = {
            category: Child(category, key, launch, renew, self._settings, self._tasks) for category, key in keys.items()
        }
        self._ticking = False

    def of(self, category: str) -> CategoryPort:
        """Raises NotFound for a category without a key."""
        child = self._children.get(category)
        if child is None:
            raise NotFound(f"there is no category {category!r}")
        self._tick_from_now_on()
        return child

    def warm(self, categories: Iterable[str]) -> None:
        self._tick_from_now_on()
        for category in categories:
            if category in self._children:
                self._children[category].warm()

    def states(self) -> tuple[CategoryState, ...]:
        return tuple(child.state() for child in self._children.values())

    async def close(self) -> None:
        await asyncio.gather(*(child.close() for child in self._children.values()))
        await self._tasks.close()

    def _tick_from_now_on(self) -> None:
        if not self._ticking:  # needs a running loop, which the constructor may not have
            self._ticking = True
            self._tasks.start(self._tick(), "look after category servers")

    async def _tick(self) -> None:
        pause = min(_TICK_SECONDS, self._settings.idle_seconds / 2, self._settings.ping_seconds / 2)
        while True:
            await asyncio.sleep(pause)
            for child in self._children.values():
                child.tick()
