"""A key provider that does as it is told: down, forgetful, slow."""

import asyncio
from collections.abc import Set

from trunkline.connections.keys import Binding, KeyMoved, Wrapped, sealed
from trunkline.contract import Internal

CANARY = "canary-of-the-key-service"


class StandIn:
    """Wraps by putting the key's number before the secret. `down` is why it does not answer."""

    def __init__(self, scheme: str = "stand") -> None:
        self.scheme = scheme
        self.down = ""
        self.number = 1
        self.oldest = 1
        self.unwraps = 0
        self.wait: asyncio.Event | None = None

    @property
    def id(self) -> str:
        return f"{self.scheme}:{self.number}"

    async def wrap(self, secret: bytes, binding: Binding) -> Wrapped:
        self._look()
        return Wrapped(self.id, b"%d|%b|" % (self.number, binding.data()) + secret[::-1])

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        self.unwraps += 1
        if self.wait is not None:
            await self.wait.wait()
        self._look()
        number = int(wrapped.key_id.rpartition(":")[2])
        if number < self.oldest:
            raise KeyMoved(f"there is no key {number}")
        head = b"%d|%b|" % (number, binding.data())
        if not wrapped.data.startswith(head):
            raise Internal("changed or moved")
        return wrapped.data[len(head) :][::-1]

    async def advance(self) -> bool:
        self._look()
        self.number += 1
        return True

    async def retire(self, used: Set[str]) -> None:
        self.oldest = min([self.number, *(int(id.rpartition(":")[2]) for id in used if id.startswith(self.scheme))])

    def _look(self) -> None:
        if self.down:
            raise sealed(self.down)
