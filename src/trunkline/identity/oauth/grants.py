"""Authorizations in the database: codes, the grants that they become, and the refresh tokens of each grant.

Only hashes of codes and refresh tokens are stored. What may happen once (a code is redeemed, a refresh token is
rotated) is one UPDATE of a row that is not used yet, so of several gateways exactly one does it.
"""

import secrets
from collections.abc import Callable
from hashlib import sha256
from hmac import digest
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.identity.oauth.faults import invalid_grant
from trunkline.infra.tables import oauth_codes as codes
from trunkline.infra.tables import oauth_grants as grants
from trunkline.infra.tables import oauth_refresh_tokens as tokens

CODE_SECONDS: Final = 60
IDLE_SECONDS: Final = 30 * 86_400  # a refresh token that is not used for so long is gone
LIFE_SECONDS: Final = 180 * 86_400  # a grant's whole life
GRACE_SECONDS: Final = 10.0  # in which a rotated token may be sent again: clients retry, and share what they store
_FORGET_SECONDS: Final = 7 * 86_400  # rows are kept for so long after they have ended, to recognise a replay


class Grant(msgspec.Struct, frozen=True):
    """What a user has granted a client. `session` is the browser session in which they did."""

    id: str
    client: str
    client_name: str
    subject: str
    organization: str
    name: str
    session: str
    scope: str
    resource: str
    issuer: str


class Living(msgspec.Struct, frozen=True):
    """A grant that has not ended, and since when it is there."""

    grant: Grant
    since: float


class Code(msgspec.Struct, frozen=True):
    """An authorization code's contents. `challenge` is PKCE's, by S256."""

    grant: Grant
    redirect_uri: str
    challenge: str


class Reused(Exception):
    """A code or a refresh token came back that had been used: its grant is over."""

    def __init__(self, grant: Grant, what: str) -> None:
        super().__init__(what)
        self.grant = grant
        self.what = what


class Grants:
    """`key` makes a refresh token's successor; `now` is in seconds since the epoch."""

    def __init__(self, engine: AsyncEngine, key: bytes, now: Callable[[], float]) -> None:
        self._engine = engine
        self._key = key
        self._now = now

    async def issue(self, code: Code) -> str:
        """A new authorization code."""
        secret = f"tlc_{secrets.token_urlsafe(32)}"
        row = {
            "hash": _hash(secret),
            "grant_id": code.grant.id,
            "content": msgspec.json.encode(code).decode(),
            "expires_at": self._now() + CODE_SECONDS,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(codes).values(**row))
        return secret

    async def peek(self, secret: str) -> Code:
        """The contents of a code that was issued, used or not. Raises OAuthFault."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(codes.c.content).where(codes.c.hash == _hash(secret)))).first()
        if row is None or not row.content:  # an assertion is no code
            raise invalid_grant()
        return msgspec.json.decode(row.content, type=Code)

    async def redeem(self, secret: str, code: Code) -> str:
        """Uses the code up; its grant begins. Gives the first refresh token. Raises OAuthFault, Reused."""
        now = self._now()
        once = and_(codes.c.hash == _hash(secret), codes.c.used_at.is_(None))
        async with self._engine.begin() as connection:
            used = update(codes).where(once).values(used_at=now).returning(codes.c.expires_at)
            row = (await connection.execute(used)).first()
            if row is not None and row.expires_at > now:
                await connection.execute(insert(grants).values(**_grant_row(code.grant, now)))
                refresh = f"tlr_{secrets.token_urlsafe(32)}"
                await self._add(connection, refresh, code.grant.id)
                return refresh
        if row is not None:
            raise invalid_grant()
        raise Reused(code.grant, "code")

    async def begin_once(self, grant: Grant, assertion: str, until: float) -> bool:
        """Begins a grant that lasts until `until`, unless this assertion, used as a code is, has begun one before."""
        now = self._now()
        used = {"hash": _hash(assertion), "grant_id": grant.id, "content": "", "expires_at": now, "used_at": now}
        row = _grant_row(grant, now) | {"expires_at": until}
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(codes).values(**used))
                await connection.execute(insert(grants).values(**row))
        except IntegrityError:
            return False
        return True

    async def of_refresh(self, token: str) -> Grant:
        """The grant of a refresh token, used or not, living or not. Raises OAuthFault for one that we never gave."""
        query = select(grants).join(tokens, tokens.c.grant_id == grants.c.id).where(tokens.c.hash == _hash(token))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise invalid_grant()
        return _grant(row)

    async def rotate(self, token: str, grant: Grant) -> str:
        """The token that takes this one's place; the same for everybody who asks within the grace.

        Raises OAuthFault, and Reused for a token that was rotated longer ago.
        """
        now = self._now()
        once = and_(tokens.c.hash == _hash(token), tokens.c.used_at.is_(None), tokens.c.expires_at > now)
        async with self._engine.begin() as connection:
            used = await connection.execute(update(tokens).where(once).values(used_at=now).returning(tokens.c.hash))
            first = used.first() is not None
            if not await self._lives(connection, grant.id):
                raise invalid_grant()
            if first:
                successor = self._successor(token)
                await self._add(connection, successor, grant.id)
                return successor
        return await self._again(token, grant)

    async def living(self, grant_id: str) -> Grant | None:
        """The grant, if it has not ended."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(grants).where(self._alive(grant_id)))).first()
        return None if row is None else _grant(row)

    async def list(self, subject: str, organization: str) -> tuple[Living, ...]:
        """A user's living grants: the clients that act for them."""
        mine = and_(grants.c.subject == subject, grants.c.organization == organization)
        query = select(grants).where(mine, grants.c.ended_at.is_(None), grants.c.expires_at > self._now())
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(grants.c.created_at))
            return tuple(Living(_grant(row), row.created_at) for row in rows)

    async def end(self, why: str, **which: str) -> int:
        """Ends the living grants whose columns have these values; how many those were.

        By `id`, or of a `subject`, a `client`, a `session`; always with the `organization` unless by `id`.
        """
        assert "id" in which or "organization" in which
        those = and_(*(grants.c[name] == value for name, value in which.items()), grants.c.ended_at.is_(None))
        async with self._engine.begin() as connection:
            done = await connection.execute(update(grants).where(those).values(ended_at=self._now(), ended_for=why))
        return done.rowcount

    async def end_redeemed(self, code: Code) -> None:
        """Ends the grant that a replayed code began (RFC 6749 section 4.1.2)."""
        await self.end("code reused", id=code.grant.id)

    async def clean(self) -> None:
        """Forgets what ended long ago."""
        before = self._now() - _FORGET_SECONDS
        async with self._engine.begin() as connection:
            await connection.execute(delete(codes).where(codes.c.expires_at < before))
            await connection.execute(delete(tokens).where(tokens.c.expires_at < before))
            await connection.execute(delete(tokens).where(tokens.c.used_at < before))
            over = grants.c.ended_at < before
            await connection.execute(delete(tokens).where(tokens.c.grant_id.in_(select(grants.c.id).where(over))))
            await connection.execute(delete(grants).where(over | (grants.c.expires_at < before)))

    async def _again(self, token: str, grant: Grant) -> str:
        """For a token that was rotated already: the newest of its line, if that was just now."""
        async with self._engine.connect() as connection:
            row = await self._row(connection, token)
            if row is None or row.used_at is None:
                raise invalid_grant()  # expired
            if row.used_at + GRACE_SECONDS <= self._now():
                raise Reused(grant, "refresh token")
            while row is not None and row.used_at is not None:
                token = self._successor(token)
                row = await self._row(connection, token)
        if row is None:
            raise invalid_grant()
        return token

    async def _row(self, connection: AsyncConnection, token: str) -> Row[Any] | None:
        return (await connection.execute(select(tokens).where(tokens.c.hash == _hash(token)))).first()

    async def _add(self, connection: AsyncConnection, token: str, grant_id: str) -> None:
        row = {"hash": _hash(token), "grant_id": grant_id, "expires_at": self._now() + IDLE_SECONDS}
        await connection.execute(insert(tokens).values(**row))

    async def _lives(self, connection: AsyncConnection, grant_id: str) -> bool:
        found = await connection.execute(select(grants.c.id).where(self._alive(grant_id)))
        return found.first() is not None

    def _alive(self, grant_id: str) -> ColumnElement[bool]:
        return and_(grants.c.id == grant_id, grants.c.ended_at.is_(None), grants.c.expires_at > self._now())

    def _successor(self, token: str) -> str:
        """Derived, so that it can be given again without being stored: 256 bits under a key of ours."""
        return f"tlr_{digest(self._key, token.encode(), 'sha256').hex()}"


def _hash(secret: str) -> bytes:
    """Enough for 256 random bits; the look-up by it takes the same time however much of a guess is right."""
    return sha256(secret.encode()).digest()


def _grant_row(grant: Grant, now: float) -> dict[str, Any]:
    return {**msgspec.structs.asdict(grant), "created_at": now, "expires_at": now + LIFE_SECONDS}


def _grant(row: Row[Any]) -> Grant:
    return Grant(*(getattr(row, field) for field in Grant.__struct_fields__))
