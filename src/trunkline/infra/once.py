"""Something that is made when it is first asked for."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from trunkline.contract import Fault
from trunkline.infra.tasks import Tasks

T = TypeVar("T")


class Once(Generic[T]):
    """Made by one task, whoever asks and gives up; made anew for who asks after that failed (a database was away)."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, T]], name: str) -> None:
        self._make = make
        self._name = name
        self._tasks = Tasks()
        self._making: asyncio.Task[T | Fault] | None = None

    @property
    def made(self) -> T | None:
        """What there is; None before it was asked for and after it failed."""
        done = self._making
        if done is None or not done.done() or done.cancelled() or done.exception() is not None:
            return None
        found = done.result()
        return None if isinstance(found, Fault) else found

    def begin(self) -> None:
        """Makes it ahead of the first who asks."""
        if self._making is None or (self._making.done() and self.made is None):
            self._making = self._tasks.start(self._attempt(), self._name)

    async def get(self) -> T:
        """Raises what making it raised."""
        self.begin()
        assert self._making is not None
        found = await asyncio.shield(self._making)
        if isinstance(found, Fault):
            raise found
        return found

    async def close(self) -> None:
        """Gives up what is being made; `made` stays, and is the caller's to close."""
        await self._tasks.close()

    async def _attempt(self) -> T | Fault:
        """A fault is an answer too: it is told to who asks, and needs no trace in the log."""
        try:
            return await self._make()
        except Fault as fault:
            return fault
