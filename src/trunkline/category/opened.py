"""Hand-written modules at work: imported on their first call, opened once for each connection, closed when idle."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from trunkline.category.upstream import Upstream
from trunkline.contract import Access, AllowedCall, Credential, Fault, Module, Overloaded, imported
from trunkline.infra.tasks import Tasks


class Limits(msgspec.Struct, frozen=True):
    """Bounds of the open modules of one category server."""

    idle_seconds: float = 300.0
    sweep_seconds: float = 15.0
    most: int = 64


_Key = tuple[str, str, int, str]  # module, connection, its version, its variables


class _Opened:
    """One module of one connection. Opening gives the fault instead where it fails."""

    def __init__(self, opening: "asyncio.Task[Module | Fault]") -> None:
        self.opening = opening
        self.users = 0
        self.used_at = time.monotonic()

    def idle(self, seconds: float) -> bool:
        return not self.users and self.used_at + seconds <= time.monotonic()


class OpenedModules:
    """The open modules of one category server."""

    def __init__(self, upstream: Upstream, limits: Limits | None = None) -> None:
        self._upstream = upstream
        self._limits = limits or Limits()
        self._opened: dict[_Key, _Opened] = {}
        self._tasks = Tasks()
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._opened)

    @asynccontextmanager
    async def use(self, name: str, call: AllowedCall, credential: Credential | None) -> AsyncGenerator[Module]:
        """The module `name` (`package.module:Class`), open for the call's connection while the block lasts.

        Raises InvalidManifest if it cannot be imported, Overloaded if too many are open, and the fault with which it
        could not be opened.
        """
        key = _key(name, call)
        opened = self._opened.get(key) or self._open(key, call, credential)
        opened.users += 1
        try:
            module = await asyncio.shield(opened.opening)  # one caller giving up does not fail the others
            if isinstance(module, Fault):
                self._opened.pop(key, None)  # the next call tries again
                raise module
            yield module
        finally:
            opened.users -= 1
            opened.used_at = time.monotonic()

    async def close(self) -> None:
        """Closes all of them."""
        if self._sweep is not None:
            self._sweep.cancel()
        closing = [_close(opened) for opened in self._opened.values()]
        self._opened.clear()
        await asyncio.gather(*closing)
        await self._tasks.close()

    def _open(self, key: _Key, call: AllowedCall, credential: Credential | None) -> _Opened:
        if len(self._opened) >= self._limits.most:
            self._close_idle(0.0)
        if len(self._opened) >= self._limits.most:
            raise Overloaded(f"{self._limits.most} connections are in use in {call.category}", "Call again later.")
        values = {} if credential is None else credential.values
        access = Access(values, call.variables, self._upstream.egress(call))
        opened = self._opened[key] = _Opened(self._tasks.start(_opening(key[0], access), f"open {call.service}"))
        self._look_later()
        return opened

    def _close_idle(self, seconds: float) -> None:
        for key, opened in tuple(self._opened.items()):
            if opened.idle(seconds):
                del self._opened[key]
                self._tasks.start(_close(opened), f"close {key[0]}")

    def _look_later(self) -> None:
        if self._sweep is None and self._opened:
            self._sweep = asyncio.get_running_loop().call_later(self._limits.sweep_seconds, self._look)

    def _look(self) -> None:
        self._sweep = None
        self._close_idle(self._limits.idle_seconds)
        self._look_later()


def _key(name: str, call: AllowedCall) -> _Key:
    ref = call.connection
    return (name, ref.id, ref.version, "") if ref else (name, "", 0, repr(sorted(call.variables.items())))


async def _opening(name: str, access: Access) -> Module | Fault:
    try:
        kind = await asyncio.to_thread(imported, name)
        module = kind(access)
    except Fault as fault:
        return fault
    try:
        await module.open()
        return module
    except Fault as fault:
        failed = fault
    except module.errors as error:
        failed = module.fault(error)
    await module.close()
    return failed


async def _close(opened: _Opened) -> None:
    opened.opening.cancel()
    module = (await asyncio.gather(opened.opening, return_exceptions=True))[0]
    if isinstance(module, Module):
        await module.close()
