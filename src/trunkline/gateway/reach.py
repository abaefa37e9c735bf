"""The far end of the pipeline: which connection serves a call, and the port that makes it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

from trunkline.connections import Connections
from trunkline.contract import (
    AllowedCall,
    CategoryPort,
    ConnectionRef,
    Credential,
    CredentialRejected,
    Event,
    Failed,
)
from trunkline.gateway.events import CallContext, LaneEvent, Reply, close
from trunkline.gateway.toolset import Target
from trunkline.gateway.upstreams import Upstreams
from trunkline.policy import Asked, Rules, decide

Refresh = Callable[[ConnectionRef], Awaitable[None]]


class Ports(Protocol):
    """The category servers (implemented by `gateway.dispatch`)."""

    def of(self, category: str) -> CategoryPort: ...


class Sealer(Protocol):
    """Seals a credential for one call (implemented by `connections.ticket`)."""

    def seal(self, call: AllowedCall, credential: Credential | None) -> bytes: ...


class Credentials:
    """The callers' connections, how they are sealed, and how a refused one is refreshed (`refresh`, if at all)."""

    def __init__(self, connections: Connections, sealer: Sealer, refresh: Refresh | None = None) -> None:
        self._connections = connections
        self._sealer = sealer
        self._refresh = refresh

    async def allow(self, asked: Asked, rules: Rules) -> AllowedCall:
        """The decision, with the caller's connection. Raises what `decide` raises."""
        service = asked.service
        variables: Mapping[str, str] = {}
        if not service.auth and not service.variables:
            return decide(asked, None, variables, rules)
        ref = await self._connections.find(asked.principal, service)
        if ref is not None and service.variables:
            variables = await self._connections.variables(ref)
        return decide(asked, ref, variables, rules)

    async def ticket(self, allowed: AllowedCall) -> bytes:
        """A new ticket for one dispatch."""
        ref = allowed.connection
        credential = None if ref is None else await self._connections.credential(ref)
        return self._sealer.seal(allowed, credential)

    async def refreshed(self, asked: Asked, allowed: AllowedCall, rules: Rules) -> AllowedCall | None:
        """The same call with a newer credential than the refused one; None where there is none."""
        if allowed.connection is not None and self._refresh is not None:
            await self._refresh(allowed.connection)
        again = await self.allow(asked, rules)
        return again if again.connection != allowed.connection else None


class Reach:
    """Allows calls and makes them."""

    def __init__(self, credentials: Credentials, ports: Ports, upstreams: Upstreams, rules: Rules) -> None:
        self._credentials = credentials
        self._ports = ports
        self._upstreams = upstreams
        self._rules = rules

    def allow(self, asked: Asked) -> Awaitable[AllowedCall]:
        """Raises PolicyDenied, NeedsConnection."""
        return self._credentials.allow(asked, self._rules)

    def make(self, asked: Asked, allowed: AllowedCall, target: Target, context: CallContext) -> Awaitable[Reply]:
        """Makes the call: at the upstream MCP server that has the tool, or at its category server."""
        return self._upstreams.call(allowed, context) if target.upstream else self._category(asked, allowed)

    async def _category(self, asked: Asked, allowed: AllowedCall) -> Reply:
        return self._events(asked, allowed)

    async def _events(self, asked: Asked, allowed: AllowedCall) -> AsyncIterator[LaneEvent]:
        """Once more with a fresh credential if the first was refused: what was refused with 401 had no effect."""
        port = self._ports.of(allowed.category)
        refused: Event | None = None
        events = port.call(allowed, await self._credentials.ticket(allowed))
        try:
            async for event in events:
                if isinstance(event, Failed) and event.fact.code == CredentialRejected.code:
                    refused = event
                else:
                    yield event
        finally:
            await close(events)
        if refused is None:
            return
        again = await self._credentials.refreshed(asked, allowed, self._rules)
        if again is None:
            yield refused
            return
        events = port.call(again, await self._credentials.ticket(again))
        try:
            async for event in events:
                yield event
        finally:
            await close(events)
