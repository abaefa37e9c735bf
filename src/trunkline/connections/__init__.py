"""Services connected by people: which credential serves a call, and the ticket it travels in."""

from collections.abc import Mapping
from typing import Protocol

from trunkline.contract import ConnectionRef, Credential, Principal, Service

__all__ = ["Connections"]


class Connections(Protocol):
    """Where credentials come from: the encrypted store, or made-up ones for the sandbox."""

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        """The caller's own connection, else the one their organization shares, else None."""
        ...

    async def credential(self, ref: ConnectionRef) -> Credential | None:
        """None where the service needs none. Raises NeedsConnection if the connection is gone or was replaced."""
        ...

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        """Values of the service's tenant variables ({shop} of "{shop}.myshopify.com"); no secrets."""
        ...

    async def connected(self, principal: Principal) -> frozenset[str]:
        """What `find` has a connection for: ids of services, and families (`Service.connection`)."""
        ...
