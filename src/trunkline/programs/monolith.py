"""All category servers in one process: for tests, small machines and serverless. The code of a call is the same."""

from collections.abc import AsyncIterator, Iterable, Mapping

import msgspec

from trunkline.catalog import Catalog
from trunkline.category.dial import Dialer, DirectDialer, SandboxDialer
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener, TicketKey
from trunkline.contract import AllowedCall, CategoryPort, Event, NotFound
from trunkline.gateway.dispatch import CategoryState


class InProcessPorts:
    """The `Ports` of one process: a category server is made on its first call. `sandbox` is `address:port` or empty."""

    def __init__(self, catalog: Catalog, keys: Mapping[str, TicketKey], sandbox: str = "") -> None:
        self._catalog = catalog
        self._keys = keys
        self._sandbox = sandbox
        self._ports: dict[str, _Counted] = {}

    def of(self, category: str) -> CategoryPort:
        """Raises NotFound for a category without a key."""
        port = self._ports.get(category)
        if port is None:
            if category not in self._keys:
                raise NotFound(f"there is no category {category!r}")
            opener = Opener(self._keys[category])
            server = CategoryServer(category, self._catalog, opener, Upstream(self._dialer()))
            port = self._ports[category] = _Counted(server)
        return port

    def warm(self, categories: Iterable[str]) -> None:
        for category in categories:
            if category in self._keys:
                self.of(category)

    def states(self) -> tuple[CategoryState, ...]:
        return tuple(self._state(category) for category in self._keys)

    async def close(self) -> None:
        for port in self._ports.values():
            await port.server.close()

    def _state(self, category: str) -> CategoryState:
        state = CategoryState(category, "in process")
        port = self._ports.get(category)
        if port is None:
            return state
        return msgspec.structs.replace(state, in_flight=port.server.in_flight, calls=port.calls)

    def _dialer(self) -> Dialer:
        if not self._sandbox:
            return DirectDialer()
        host, _, number = self._sandbox.rpartition(":")
        return SandboxDialer(host, int(number))


class _Counted:
    """A category server that counts its calls."""

    def __init__(self, server: CategoryServer) -> None:
        self.server = server
        self.calls = 0

    def call(self, call: AllowedCall, ticket: bytes) -> AsyncIterator[Event]:
        self.calls += 1
        return self.server.call(call, ticket)

    async def cancel(self, call_id: str) -> None:
        await self.server.cancel(call_id)
