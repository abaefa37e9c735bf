"""Every service connected, with made-up credentials: for the sandbox, which is the only place they are good for.

They fit the service's first auth scheme, are personal to the caller, and are the same on every start.
"""

import hashlib
import re
from collections.abc import Mapping

from trunkline.contract import ConnectionRef, Credential, NeedsConnection, Principal, Service, Variable

_MADE_UP = ("sandbox", "acme", "example", "eu", "us1", "1", "12345", "00000000000000000000000000000000")


class SandboxConnections:
    """Connections to all of `services`."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        if not service.auth and not service.variables:
            return None
        return ConnectionRef(f"sandbox-{_digest(principal.organization, principal.subject, service.id)}", 1, service.id)

    async def credential(self, ref: ConnectionRef) -> Credential | None:
        service = self._services.get(ref.service)
        if service is None:
            raise NeedsConnection(f"{ref.service} is not in the catalog")
        if not service.auth:
            return None
        scheme = service.auth[0]
        return Credential(scheme, {field: f"sandbox-{_digest(ref.id, field)}" for field in scheme.fields})

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        service = self._services.get(ref.service)
        return {} if service is None else {name: fitting(name, hole) for name, hole in service.variables.items()}

    async def connected(self, principal: Principal) -> frozenset[str]:
        return frozenset(service.connection for service in self._services.values())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def fitting(name: str, variable: Variable) -> str:
    """A value the variable accepts. Raises NeedsConnection where none of ours does."""
    candidates = (variable.sample, *_MADE_UP) if variable.sample else _MADE_UP
    for value in (*variable.enum, *candidates):
        if (value in variable.enum) if variable.enum else re.fullmatch(variable.pattern, value):
            return value
    raise NeedsConnection(f"no made-up value fits the variable {name}", "Give it an example in the manifest.")
