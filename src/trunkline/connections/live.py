"""The connections that calls are made with: which one serves whom, as admins said, its token renewed when it is due.

A person's own connection comes first. The organization's shared one serves only where an admin allows that, and never
in place of a connection of the person's own that must be renewed: nobody should act as someone else without knowing.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.connections.apps import Who
from trunkline.connections.grants import Grant, Grants, grant_of
from trunkline.connections.refresh import Refresher, renewal
from trunkline.connections.store import CACHE_LIMIT, CACHE_SECONDS, StoredConnections
from trunkline.contract import ConnectionRef, Credential, NeedsConnection, Principal, Service
from trunkline.infra.tables import connections, grants, service_configs

_GRANT: Final = [column.label(f"grant_{column.name}") for column in grants.c]


class Choice(msgspec.Struct, frozen=True):
    """A connection that may serve a call, and what was granted for it."""

    ref: ConnectionRef
    grant: Grant | None


class LiveConnections:
    """`connections.Connections` over the store. Choices are remembered for `CACHE_SECONDS`."""

    def __init__(
        self,
        engine: AsyncEngine,
        store: StoredConnections,
        grants: Grants,
        refresher: Refresher,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._store = store
        self._grants = grants
        self._refresher = refresher
        self._now = now
        self._choices: dict[tuple[str, str, str], tuple[float, Choice | None]] = {}

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        """The connection that serves `principal`, its token renewed if that is due.

        Raises NeedsConnection where it must be renewed by a person, or lacks rights that `service` needs; and what
        `Refresher.refresh` raises.
        """
        choice = await self._choice(principal, service)
        if choice is None:
            return None
        if choice.grant is not None:
            _check(choice.grant, service)
            if self._refresher.is_due(choice.grant):
                await self._refresher.refresh(choice.ref.id, choice.ref.version)
                self.forget()
                choice = await self._choice(principal, service)
        return None if choice is None else choice.ref

    async def credential(self, ref: ConnectionRef) -> Credential | None:
        """Also where the token was renewed since `ref` was found. Raises as the store does."""
        try:
            return await self._store.credential(ref)
        except NeedsConnection:
            return await self._store.credential(await self._successor(ref))

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        try:
            return await self._store.variables(ref)
        except NeedsConnection:
            return await self._store.variables(await self._successor(ref))

    async def connected(self, principal: Principal) -> frozenset[str]:
        return await self._store.connected(principal)

    async def refresh(self, ref: ConnectionRef) -> None:
        """The service refused the credential of `ref`: a newer one, if there can be one."""
        await self._refresher.refresh(ref.id, ref.version)
        self.forget()

    def forget(self) -> None:
        """Something was changed by this process."""
        self._choices.clear()
        self._store.forget()

    async def _successor(self, ref: ConnectionRef) -> ConnectionRef:
        """The same consent with newer tokens. Raises NeedsConnection where it is another, or none."""
        grant = await self._grants.read(ref.id)
        if grant is None or not grant.since <= ref.version < grant.version:
            raise NeedsConnection(f"the connection to {ref.service} was removed or replaced", "Call again.")
        self._store.forget()
        return ConnectionRef(ref.id, grant.version, ref.service, ref.shared)

    async def _choice(self, principal: Principal, service: Service) -> Choice | None:
        key = (principal.organization, principal.subject, service.connection)
        until, choice = self._choices.get(key, (0.0, None))
        if until > self._now():
            return choice
        choice = await self._chosen(principal, service.connection)
        if len(self._choices) >= CACHE_LIMIT:
            self._choices.clear()
        self._choices[key] = (self._now() + CACHE_SECONDS, choice)
        return choice

    async def _chosen(self, principal: Principal, service: str) -> Choice | None:
        who, rows = await self._rows(principal, service)
        for row in rows:  # a person's own before the shared one
            if who == "either" or row.shared == (who == "shared"):
                ref = ConnectionRef(row.id, row.version, row.service, row.shared)
                return Choice(ref, _grant(row))
        return None

    async def _rows(self, principal: Principal, service: str) -> tuple[Who, list[Any]]:
        mine = or_(connections.c.shared.is_(True), connections.c.subject == principal.subject)
        columns = (connections.c.id, connections.c.version, connections.c.service, connections.c.shared)
        held = and_(grants.c.id == connections.c.id, grants.c.version == connections.c.version)
        query = (
            select(*columns, *_GRANT)
            .outerjoin(grants, held)
            .where(connections.c.organization == principal.organization, connections.c.service == service, mine)
            .order_by(connections.c.shared)
        )
        config = select(service_configs.c.who).where(
            service_configs.c.organization == principal.organization, service_configs.c.service == service
        )
        async with self._engine.connect() as connection:
            who = (await connection.execute(config)).scalar()
            return who or "personal", list(await connection.execute(query))


def _check(grant: Grant, service: Service) -> None:
    """Raises NeedsConnection where the grant is over, or does not reach as far as `service` needs."""
    if grant.state != "active":
        raise renewal(grant)
    scopes = next((scheme.scopes for scheme in service.auth if scheme.oauth2 == grant.provider), ())
    lacking = [scope for scope in scopes if scope not in grant.asked]
    if lacking:
        raise NeedsConnection(f"{service.title} needs more rights than were granted: {', '.join(lacking)}")


def _grant(row: Any) -> Grant | None:
    if row.grant_id is None:
        return None
    return grant_of(_Prefixed(row))


class _Prefixed:
    """A joined row, as if it were one of the table of grants."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"grant_{name}")
