"""Registered clients and remembered consents, in the database."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

import msgspec
from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import Overloaded
from trunkline.identity.oauth.clients import Client, Metadata, shown_name
from trunkline.identity.oauth.faults import invalid_client
from trunkline.identity.oauth.resource import SCOPES
from trunkline.infra.tables import oauth_clients as clients
from trunkline.infra.tables import oauth_consents as consents

UNUSED_SECONDS: Final = 86_400  # a client that nobody has authorized by then is gone
IDLE_SECONDS: Final = 90 * 86_400  # so is one that was not used for so long
MOST_UNUSED: Final = 2_000
_NOBODY: Final = sha256(b"").digest()


class Registered(msgspec.Struct, frozen=True):
    """A client just registered; `secret` is told this once and empty for a public client."""

    client: Client
    secret: str
    at: float

    def __repr__(self) -> str:
        return f"Registered({self.client.id!r})"


class Registry:
    """`now` is in seconds since the epoch."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float]) -> None:
        self._engine = engine
        self._now = now

    async def register(self, metadata: Metadata) -> Registered:
        """Raises Overloaded while too many clients wait to be used."""
        method = metadata.token_endpoint_auth_method or "none"
        secret = "" if method == "none" else f"tls_{secrets.token_urlsafe(32)}"
        client = Client(
            f"tl-{secrets.token_urlsafe(18)}",
            shown_name(metadata.client_name, "A client without a name"),
            tuple(metadata.redirect_uris),
            method,
            frozenset((metadata.scope or " ".join(SCOPES)).split()),
            "registered",
            sha256(secret.encode()).digest() if secret else b"",
        )
        now = self._now()
        await self._sweep(now)
        async with self._engine.begin() as connection:
            await connection.execute(insert(clients).values(**_row(client), created_at=now, used_at=None))
        return Registered(client, secret, now)

    async def find(self, id: str) -> Client | None:
        """A registered client that has not expired."""
        query = select(clients).where(clients.c.id == id, ~self._expired(self._now()))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else msgspec.json.decode(row.content, type=Client)

    async def used(self, id: str) -> None:
        """A user has authorized the client: it is kept from now on."""
        async with self._engine.begin() as connection:
            await connection.execute(update(clients).where(clients.c.id == id).values(used_at=self._now()))

    async def remember(self, subject: str, client: str, host: str, resource: str, scope: str) -> None:
        """The user's consent, the same as the last one or wider."""
        which = _consent(subject, client, host, resource)
        async with self._engine.begin() as connection:
            await connection.execute(delete(consents).where(which))
            row = {"subject": subject, "client": client, "host": host, "resource": resource, "scope": scope}
            await connection.execute(insert(consents).values(**row, granted_at=self._now()))

    async def consented(self, subject: str, client: str, host: str, resource: str, scope: str) -> bool:
        """Whether the user has consented to as much before."""
        query = select(consents.c.scope).where(_consent(subject, client, host, resource))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return row is not None and frozenset(scope.split()) <= frozenset(row.scope.split())

    async def forget(self, subject: str, client: str) -> None:
        """The user takes every consent for the client back."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(consents).where(consents.c.subject == subject, consents.c.client == client))

    async def _sweep(self, now: float) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(clients).where(self._expired(now)))
            waiting = select(func.count()).select_from(clients).where(clients.c.used_at.is_(None))
            if (await connection.execute(waiting)).scalar_one() >= MOST_UNUSED:
                raise Overloaded("Too many clients have registered and were never used.", "Try again tomorrow.")

    def _expired(self, now: float) -> Any:
        unused = and_(clients.c.used_at.is_(None), clients.c.created_at < now - UNUSED_SECONDS)
        return or_(unused, and_(clients.c.used_at.is_not(None), clients.c.used_at < now - IDLE_SECONDS))


def check_secret(client: Client | None, secret: str) -> None:
    """Compares hashes, in the same time for a client that does not exist. Raises OAuthFault (invalid_client)."""
    known = client.secret if client is not None and client.secret else _NOBODY
    fits = compare_digest(sha256(secret.encode()).digest(), known)
    if client is None or not client.secret or not fits:
        raise invalid_client()


def _consent(subject: str, client: str, host: str, resource: str) -> Any:
    return and_(
        consents.c.subject == subject,
        consents.c.client == client,
        consents.c.host == host,
        consents.c.resource == resource,
    )


def _row(client: Client) -> dict[str, Any]:
    return {"id": client.id, "content": msgspec.json.encode(client).decode()}
