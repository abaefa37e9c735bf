"""What providers granted, in the database: when it ends, who renews it now, and the refresh token, sealed.

A grant belongs to the connection of the same id, and counts only while both have the same version: a key pasted over an
OAuth connection leaves it behind. Whoever refreshes claims the row first, in one statement, so that of any number of
gateways one does it; new tokens are written together or not at all.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.envelope import DataKey, Place
from trunkline.connections.keys.data_keys import DataKeyGone
from trunkline.connections.safe import Safe
from trunkline.contract import AuthScheme, ConnectionRef, Principal
from trunkline.infra.tables import connections, grants

State = Literal["active", "renew"]
_REFRESH: Final = "refresh_token"
_TABLE, _CONNECTIONS = str(grants.name), str(connections.name)
_JSON: Final = ("asked", "variables")


class Consent(msgspec.Struct, frozen=True):
    """What a person agreed to: at which provider, as whom, to which scopes; `variables` fill in the provider's URLs."""

    provider: str
    account: str
    asked: tuple[str, ...]
    variables: dict[str, str]


class Grant(msgspec.Struct, frozen=True):
    """A row, without its secret. Times in seconds since the epoch, 0 for none."""

    id: str
    organization: str
    provider: str
    state: State
    reason: str
    version: int
    since: int
    account: str
    asked: tuple[str, ...]
    variables: dict[str, str]
    expires_at: float
    refreshed_at: float
    claim: str
    claimed_until: float
    interrupted: int
    failures: int
    retry_at: float
    key_version: int
    sealed: bytes


class Grants:
    """The table of grants."""

    def __init__(self, engine: AsyncEngine, safe: Safe) -> None:
        self._engine = engine
        self._safe = safe

    async def read(self, id: str) -> Grant | None:
        """The grant of this connection, if it counts."""
        query = select(grants).join(connections, connections.c.id == grants.c.id)
        async with self._engine.connect() as connection:
            found = await connection.execute(query.where(grants.c.id == id, _counts()))
            row = found.first()
        return None if row is None else grant_of(row)

    async def among(self, organization: str) -> dict[str, Grant]:
        """All grants of an organization that count, by the id of their connection."""
        query = select(grants).join(connections, connections.c.id == grants.c.id)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.where(grants.c.organization == organization, _counts()))
            return {row.id: grant_of(row) for row in rows}

    async def of(self, principal: Principal, service: str, *, shared: bool) -> Grant | None:
        """The grant of the caller's own connection to `service`, or of the shared one."""
        mine = and_(
            connections.c.organization == principal.organization,
            connections.c.subject == ("" if shared else principal.subject),
            connections.c.service == service,
        )
        query = select(grants).join(connections, connections.c.id == grants.c.id).where(mine, _counts())
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else grant_of(row)

    async def put(self, ref: ConnectionRef, organization: str, consent: Consent, refresh: str, ends: float) -> None:
        """A fresh consent for the connection `ref`. `ends` is when its access token does, 0 if that is not known."""

        async def write(connection: AsyncConnection, key: DataKey) -> None:
            await connection.execute(delete(grants).where(grants.c.id == ref.id))
            sealed = key.seal(Place(organization, _TABLE, ref.id, ref.version), {_REFRESH: refresh})
            values = {**_FRESH, **_columns(consent), "expires_at": ends, "sealed": sealed, "key_version": key.version}
            await connection.execute(
                insert(grants).values(
                    id=ref.id, organization=organization, version=ref.version, since=ref.version, **values
                )
            )

        await self._safe.write(organization, write)

    async def refresh_token(self, grant: Grant) -> str:
        """Empty where there is none. Raises KeysUnavailable; Internal if the row was tampered with."""
        place = Place(grant.organization, _TABLE, grant.id, grant.version)
        try:
            return (await self._safe.open(place, grant.key_version, grant.sealed))[_REFRESH]
        except DataKeyGone:  # it was sealed anew since it was read
            again = await self.read(grant.id)
            if again is None or again.version != grant.version:
                raise
            return (await self._safe.open(place, again.key_version, again.sealed))[_REFRESH]

    async def claim(self, grant: Grant, by: str, now: float, until: float) -> bool:
        """Whether the right to refresh is now `by`'s, of the row as `grant` shows it.

        A claim that ran out and was never given back counts as an interruption.
        """
        broken_off = int(grant.claim != "")
        claimed = (
            update(grants)
            .where(grants.c.id == grant.id, grants.c.version == grant.version, grants.c.state == "active")
            .where(or_(grants.c.claim == "", grants.c.claimed_until < now), grants.c.claim == grant.claim)
            .values(claim=by, claimed_until=until, interrupted=grants.c.interrupted + broken_off)
        )
        return await self._changed(claimed)

    async def renewed(self, grant: Grant, by: str, tokens: Mapping[str, str], ends: float, now: float) -> bool:
        """Writes `access` and `refresh` of `tokens`. False if the connection is not what it was: they are of no use.

        Both rows, or neither. Raises KeysUnavailable.
        """

        async def write(connection: AsyncConnection, key: DataKey) -> bool:
            later = grant.version + 1
            row = await _advanced(connection, grant, later, now)
            if row is None:
                return False
            field = msgspec.json.decode(row, type=AuthScheme).fields[0]
            access = key.seal(Place(grant.organization, _CONNECTIONS, grant.id, later), {field: tokens["access"]})
            filled = update(connections).where(connections.c.id == grant.id)
            await connection.execute(filled.values(sealed=access, key_version=key.version))
            sealed = key.seal(Place(grant.organization, _TABLE, grant.id, later), {_REFRESH: tokens["refresh"]})
            values = {"version": later, "sealed": sealed, "key_version": key.version, "expires_at": ends}
            done = update(grants).where(grants.c.id == grant.id, grants.c.claim == by)
            await connection.execute(done.values(**values, refreshed_at=now, **_AT_REST))
            return True

        return await self._safe.write(grant.organization, write)

    async def postpone(self, grant: Grant, by: str, retry_at: float) -> None:
        """This refresh failed; the next may be tried at `retry_at`."""
        values = {"claim": "", "claimed_until": 0.0, "failures": grant.failures + 1, "retry_at": retry_at}
        await self._changed(update(grants).where(grants.c.id == grant.id, grants.c.claim == by).values(**values))

    async def end(self, grant: Grant, by: str, reason: str) -> None:
        """The consent is over: a person must give it again."""
        values = {"state": "renew", "reason": reason, "claim": "", "claimed_until": 0.0}
        await self._changed(update(grants).where(grants.c.id == grant.id, grants.c.claim == by).values(**values))

    async def remove(self, id: str) -> None:
        await self._changed(delete(grants).where(grants.c.id == id))

    async def _changed(self, statement: Any) -> bool:
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount == 1


def grant_of(row: Any) -> Grant:
    """The grant in a row of the table."""
    values: dict[str, Any] = {name: getattr(row, name) for name in Grant.__struct_fields__}
    return msgspec.convert(values | {name: msgspec.json.decode(values[name]) for name in _JSON}, Grant)


def _counts() -> ColumnElement[bool]:
    return and_(connections.c.version == grants.c.version, connections.c.organization == grants.c.organization)


async def _advanced(connection: AsyncConnection, grant: Grant, later: int, now: float) -> str | None:
    """The connection's scheme, its version one further; None where it is no longer the grant's."""
    mine = and_(connections.c.id == grant.id, connections.c.version == grant.version)
    moved = update(connections).where(mine).values(version=later, updated_at=now).returning(connections.c.scheme)
    return (await connection.execute(moved)).scalar()


_AT_REST: Final[dict[str, Any]] = {
    "claim": "",
    "claimed_until": 0.0,
    "interrupted": 0,
    "failures": 0,
    "retry_at": 0.0,
}
_FRESH: Final[dict[str, Any]] = {**_AT_REST, "state": "active", "reason": "", "refreshed_at": 0.0}


def _columns(consent: Consent) -> dict[str, Any]:
    texts = {name: msgspec.json.encode(getattr(consent, name)).decode() for name in _JSON}
    return {"provider": consent.provider, "account": consent.account, **texts}
