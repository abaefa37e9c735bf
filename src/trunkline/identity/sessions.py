"""Browsers that are signed in: a random secret in the cookie, its digest in the database, so that it can be ended.

Two cookies: the session's, and one that marks the browser before anybody has signed in, to which a sign-in under way is
bound. Over https both carry the prefix `__Host-` (RFC 6265bis section 4.1.3.2): no other host can set them.
"""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import NotFound, PolicyDenied
from trunkline.identity.ports import SignedIn
from trunkline.identity.tokens import derived, digest, new_id, new_secret
from trunkline.infra.http.asgi import Pair, Scope
from trunkline.infra.http.web import cookies, set_cookie
from trunkline.infra.tables import memberships, organizations, sessions, users

SESSION_SECONDS: Final = 7 * 24 * 3600.0  # after that everybody signs in again
IDLE_SECONDS: Final = 24 * 3600.0
_SEEN_EVERY: Final = 60.0  # seconds between two notes that a session is in use
_BROWSER_SECONDS: Final = 24 * 3600
_LONGEST_AGENT: Final = 200
_SECRET_LENGTH: Final = 43


class Session(msgspec.Struct, frozen=True):
    """A session as its user sees it."""

    id: str
    organization: str
    method: str
    agent: str
    created_at: float
    seen_at: float


class Cookies:
    """The cookies of a site at `url` (scheme://host:port)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.secure = parts.scheme == "https"
        # Ports share their host's cookies, so two gateways on one machine need names of their own.
        stem = "__Host-trunkline" if self.secure else f"trunkline-{parts.port or 80}"
        self._session, self._browser = stem, f"{stem}-browser"

    def session(self, scope: Scope) -> str:
        """The session's secret; empty where there is none."""
        return self._read(scope, self._session)

    def browser(self, scope: Scope) -> str:
        """The secret of a browser that nobody has signed in with yet; empty where there is none."""
        return self._read(scope, self._browser)

    def set_session(self, secret: str) -> Pair:
        return set_cookie(self._session, secret, int(SESSION_SECONDS), secure=self.secure)

    def drop_session(self) -> Pair:
        return set_cookie(self._session, "", 0, secure=self.secure)

    def set_browser(self, secret: str) -> Pair:
        return set_cookie(self._browser, secret, _BROWSER_SECONDS, secure=self.secure)

    def _read(self, scope: Scope, name: str) -> str:
        header = b"; ".join(value for key, value in scope["headers"] if key == b"cookie")
        value = cookies(header).get(name, "")
        return value if len(value) == _SECRET_LENGTH and value.isascii() else ""


class BrowserSessions:
    """Implements `ports.Browsers` over the database."""

    def __init__(self, engine: AsyncEngine, jar: Cookies, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._cookies = jar
        self._now = now

    async def signed_in(self, scope: Scope) -> SignedIn | None:
        secret = self._cookies.session(scope)
        return await self.of_secret(secret) if secret else None

    async def of_secret(self, secret: str) -> SignedIn | None:
        now = self._now()
        query = (
            select(sessions, users.c.name, memberships.c.role, organizations.c.name.label("organization_name"))
            .join(users, users.c.id == sessions.c.user)
            .join(organizations, organizations.c.id == sessions.c.organization)
            .join(memberships, _member_of_session())
            .where(sessions.c.digest == digest(secret), users.c.disabled.is_(False))
            .where(sessions.c.expires_at > now, sessions.c.seen_at > now - IDLE_SECONDS)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        if row.seen_at < now - _SEEN_EVERY:
            await self._seen(row.id, now)
        csrf = derived(secret, "csrf")
        return SignedIn(row.user, row.name, row.organization, row.role, row.id, csrf, row.organization_name)

    async def begin(self, user: str, organization: str, method: str, agent: str) -> str:
        """A new session; the secret for its cookie. Raises PolicyDenied where `user` may not act there."""
        now, secret = self._now(), new_secret()
        allowed = (
            select(memberships.c.role)
            .join(users, users.c.id == memberships.c.user)
            .where(memberships.c.organization == organization, memberships.c.user == user)
            .where(users.c.disabled.is_(False), users.c.kind == "person")
        )
        row = {
            "id": new_id(),
            "digest": digest(secret),
            "user": user,
            "organization": organization,
            "method": method,
            "agent": "".join(each for each in agent if each.isprintable())[:_LONGEST_AGENT],
            "created_at": now,
            "seen_at": now,
            "expires_at": now + SESSION_SECONDS,
        }
        async with self._engine.begin() as connection:
            if (await connection.execute(allowed)).first() is None:
                raise PolicyDenied("This account may not sign in here.", "Ask an owner for an invitation.")
            await connection.execute(delete(sessions).where(sessions.c.expires_at < now))
            await connection.execute(insert(sessions).values(**row))
        return secret

    async def move(self, user: SignedIn, organization: str) -> None:
        """Acts for another organization of the user's from now on. Raises NotFound where it is none of theirs."""
        belongs = select(memberships.c.role).where(
            memberships.c.organization == organization, memberships.c.user == user.user
        )
        async with self._engine.begin() as connection:
            if (await connection.execute(belongs)).first() is None:
                raise NotFound("You belong to no such organization.", "Your account page lists yours.")
            here = and_(sessions.c.id == user.session, sessions.c.user == user.user)
            await connection.execute(update(sessions).where(here).values(organization=organization))

    async def list(self, user: SignedIn) -> tuple[Session, ...]:
        """The user's sessions, whichever organization they act for."""
        query = select(sessions).where(sessions.c.user == user.user, sessions.c.expires_at > self._now())
        async with self._engine.connect() as connection:
            return tuple(session_of(row) for row in await connection.execute(query.order_by(sessions.c.seen_at.desc())))

    async def end(self, user: SignedIn, session: str) -> None:
        """Raises NotFound where it is not the user's."""
        own = and_(sessions.c.id == session, sessions.c.user == user.user)
        async with self._engine.begin() as connection:
            if (await connection.execute(delete(sessions).where(own).returning(sessions.c.id))).first() is None:
                raise NotFound("You have no such session.", "Your account page lists them.")

    async def _seen(self, session: str, now: float) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(sessions).where(sessions.c.id == session).values(seen_at=now))


def _member_of_session() -> Any:
    return and_(memberships.c.user == sessions.c.user, memberships.c.organization == sessions.c.organization)


def session_of(row: Row[Any]) -> Session:
    """The session in a row of the table."""
    return Session(row.id, row.organization, row.method, row.agent, row.created_at, row.seen_at)
