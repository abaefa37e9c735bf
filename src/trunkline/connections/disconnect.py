"""Disconnecting: unusable at once, then given back to the provider."""

from typing import Final

import structlog

from trunkline.connections.flow import Parts, Visitor
from trunkline.connections.grants import Grant
from trunkline.contract import ConnectionRef, Credential, Fault, NotFound, PolicyDenied, Principal

_ADMINS: Final = ("admin", "owner")
_log = structlog.get_logger("trunkline.connections")


class Disconnect:
    """Removes connections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, visitor: Visitor, connection_id: str) -> bool:
        """Whether the provider took the tokens back; a key, or a provider without a way, leaves nothing to take.

        Raises NotFound for a connection that is not the visitor's, or does not exist: the two look the same.
        """
        parts, principal = self._parts, visitor.principal
        found = await self._own(visitor, connection_id)
        grant = await parts.grants.read(connection_id)
        tokens = None if grant is None else await self._tokens(found, grant)
        await parts.store.delete(principal, connection_id)
        await parts.grants.remove(connection_id)
        parts.live.forget()
        given_back = grant is not None and tokens is not None and await self._give_back(principal, grant, tokens)
        await parts.events.record(
            principal.organization,
            principal.subject,
            "connection.delete",
            found.service,
            detail={"given back": "yes" if given_back else "no", "for": "everybody" if found.shared else "oneself"},
        )
        return given_back

    async def _own(self, visitor: Visitor, connection_id: str) -> ConnectionRef:
        for row in await self._parts.store.list(visitor.principal):
            if row.id == connection_id:
                if row.shared and visitor.role not in _ADMINS:
                    raise PolicyDenied("Only an admin disconnects what serves everybody.", "Ask an admin.")
                return ConnectionRef(row.id, row.version, row.service, row.shared)
        principal = visitor.principal
        await self._parts.events.record(
            principal.organization, principal.subject, "connection.delete", connection_id, outcome="refused", detail={}
        )
        raise NotFound(f"There is no connection {connection_id[:40]!r}.", "List them with `trunkline connections`.")

    async def _tokens(self, ref: ConnectionRef, grant: Grant) -> tuple[str, str] | None:
        """Access and refresh token; None where they cannot be read, which must not keep anybody from disconnecting."""
        try:
            credential: Credential = await self._parts.store.credential(ref)
            return next(iter(credential.values.values())), await self._parts.grants.refresh_token(grant)
        except Fault as fault:
            _log.warning("tokens not given back", connection=ref.id, reason=fault.message)
            return None

    async def _give_back(self, principal: Principal, grant: Grant, tokens: tuple[str, str]) -> bool:
        try:
            app = await self._parts.apps.find(principal.organization, grant.provider)
            if app is None:
                return False
            return await self._parts.endpoint.revoke(app.with_variables(grant.variables), *tokens)
        except Fault as fault:
            _log.warning("tokens not given back", connection=grant.id, reason=fault.message)
            return False
