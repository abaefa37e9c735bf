"""Connections in the database, their secrets sealed (see `safe`)."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.envelope import DataKey, Place
from trunkline.connections.keys.data_keys import DataKeyGone
from trunkline.connections.safe import Safe
from trunkline.connections.secret import checked_secrets, checked_variables, scheme_for
from trunkline.contract import AuthScheme, ConnectionRef, Credential, NeedsConnection, NotFound, Principal, Service
from trunkline.infra.tables import connections as table

CACHE_SECONDS: Final = 2.0  # another process may have changed the row (`trunkline connect`)
CACHE_LIMIT: Final = 10_000
_TABLE: Final = str(table.name)
_Found = Row[Any] | None
_Memory = tuple[float, _Found]  # good until, row


class Stored(msgspec.Struct, frozen=True):
    """A connection as people see it: everything but its secrets."""

    id: str
    service: str
    kind: str
    shared: bool
    version: int
    variables: dict[str, str]
    created_at: float
    updated_at: float


class StoredConnections:
    """Connections of people and organizations.

    Rows are remembered for `CACHE_SECONDS`, still sealed; a change made through this object shows at once.
    """

    def __init__(self, engine: AsyncEngine, safe: Safe, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._safe = safe
        self._now = now
        self._rows: dict[str, _Memory] = {}
        self._refs: dict[tuple[str, str, str], _Memory] = {}

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        key = (principal.organization, principal.subject, service.connection)
        row = await self._remembered(
            self._refs, key, lambda: and_(_visible_to(principal), table.c.service == service.connection)
        )
        return None if row is None else ConnectionRef(row.id, row.version, row.service, row.shared)

    async def credential(self, ref: ConnectionRef) -> Credential:
        """Raises NeedsConnection; KeysUnavailable; Internal if the row was tampered with."""
        row = await self._row(ref)
        try:
            values = await self._safe.open(_place(row), row.key_version, row.sealed)
        except DataKeyGone:  # it was sealed anew since it was read
            self.forget()
            row = await self._row(ref)
            values = await self._safe.open(_place(row), row.key_version, row.sealed)
        return Credential(msgspec.json.decode(row.scheme, type=AuthScheme), values)

    async def variables(self, ref: ConnectionRef) -> Mapping[str, str]:
        return msgspec.json.decode((await self._row(ref)).variables, type=dict[str, str])

    async def connected(self, principal: Principal) -> frozenset[str]:
        async with self._engine.connect() as connection:
            found = await connection.execute(select(table.c.service).where(_visible_to(principal)))
            return frozenset(found.scalars())

    async def list(self, principal: Principal) -> tuple[Stored, ...]:
        """What the caller may use, by service; never a secret."""
        query = select(table).where(_visible_to(principal)).order_by(table.c.service, table.c.shared)
        async with self._engine.connect() as connection:
            return tuple(_stored(row) for row in await connection.execute(query))

    async def save(
        self,
        principal: Principal,
        service: Service,
        values: Mapping[str, str],
        *,
        shared: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> ConnectionRef:
        """Connects `service`, or replaces the connection's secrets; `values` decide which auth scheme it is.

        Raises InvalidArguments where values or variables do not fit the service; KeysUnavailable.
        """
        scheme = scheme_for(service, values)
        secrets = checked_secrets(scheme, values)
        row = {
            "scheme": msgspec.json.encode(scheme).decode(),
            "variables": msgspec.json.encode(checked_variables(service, scheme, variables or {})).decode(),
            "updated_at": self._now(),
        }

        async def write(connection: AsyncConnection, key: DataKey) -> ConnectionRef:
            ref = await self._claim(connection, principal, service, shared, row)
            sealed = key.seal(Place(principal.organization, _TABLE, ref.id, ref.version), secrets)
            filled = update(table).where(table.c.id == ref.id).values(sealed=sealed, key_version=key.version)
            await connection.execute(filled)
            return ref

        ref = await self._safe.write(principal.organization, write)
        self.forget()
        return ref

    async def delete(self, principal: Principal, connection_id: str) -> None:
        """Raises NotFound if the caller has no such connection; someone else's looks the same."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(
                delete(table).where(_visible_to(principal), table.c.id == connection_id).returning(table.c.id)
            )
            if gone.first() is None:
                raise NotFound(f"there is no connection {connection_id!r}", "List them with `trunkline connections`.")
        self.forget()

    async def _claim(
        self, connection: AsyncConnection, principal: Principal, service: Service, shared: bool, row: dict[str, Any]
    ) -> ConnectionRef:
        """The row to write into, a version further; a new one where there is none."""
        mine = and_(
            table.c.organization == principal.organization,
            table.c.subject == _owner(principal, shared),
            table.c.service == service.connection,
        )
        replaced = update(table).where(mine).values(version=table.c.version + 1, **row)
        found = (await connection.execute(replaced.returning(table.c.id, table.c.version))).first()
        if found is not None:
            return ConnectionRef(found.id, found.version, service.connection, shared)
        fresh: dict[str, Any] = {
            "id": uuid.uuid4().hex,
            "organization": principal.organization,
            "subject": _owner(principal, shared),
            "service": service.connection,
            "shared": shared,
            "version": 1,
            "key_version": 0,
            "sealed": b"",  # needs the id; filled in before the transaction ends
            "created_at": row["updated_at"],
        }
        await connection.execute(insert(table).values(**fresh, **row))
        return ConnectionRef(fresh["id"], 1, service.connection, shared)

    async def _row(self, ref: ConnectionRef) -> Row[Any]:
        row = await self._remembered(self._rows, ref.id, lambda: table.c.id == ref.id)
        if row is None or row.version != ref.version or row.service != ref.service:
            self.forget()
            raise NeedsConnection(f"the connection to {ref.service} was removed or replaced", "Call again.")
        return row

    async def _remembered(
        self, memory: dict[Any, _Memory], key: Any, which: Callable[[], ColumnElement[bool]]
    ) -> _Found:
        """`which` is a function: the condition costs ten times what is remembered."""
        until, row = memory.get(key, (0.0, None))
        if until > self._now():
            return row
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(table).where(which()).order_by(table.c.shared).limit(1))).first()
        if len(memory) >= CACHE_LIMIT:
            memory.clear()
        memory[key] = (self._now() + CACHE_SECONDS, row)
        return row

    def forget(self) -> None:
        """Rows are looked up anew: something was changed."""
        self._rows.clear()
        self._refs.clear()


def _owner(principal: Principal, shared: bool) -> str:
    """What `subject` holds: a shared connection belongs to nobody in particular."""
    return "" if shared else principal.subject


def _visible_to(principal: Principal) -> ColumnElement[bool]:
    return and_(
        table.c.organization == principal.organization,
        or_(table.c.shared.is_(True), table.c.subject == principal.subject),
    )


def _place(row: Row[Any]) -> Place:
    return Place(row.organization, _TABLE, row.id, row.version)


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        id=row.id,
        service=row.service,
        kind=str(msgspec.json.decode(row.scheme, type=AuthScheme).kind),
        shared=row.shared,
        version=row.version,
        variables=msgspec.json.decode(row.variables, type=dict[str, str]),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
