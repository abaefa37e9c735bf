"""API keys: for programs, and for service accounts, which have nothing else.

A key is 256 random bits; what is stored is their SHA-256, so a look-up compares digests and its time tells nothing. A
key may what its user may at this moment, and less where it was made with less.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.contract import InvalidArguments, NotFound, PolicyDenied, Principal
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches, require
from trunkline.identity.tokens import KEY_MARK as MARK
from trunkline.identity.tokens import digest, new_id, new_secret
from trunkline.infra.tables import api_keys, memberships, users

_SHOWN: Final = len(MARK) + 6  # characters of a key that its owner sees later
_KEY: Final = re.compile(re.escape(MARK) + r"[A-Za-z0-9_-]{43}")
_TOOLSET: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_DAY: Final = 24 * 3600.0
_LONGEST_DAYS: Final = 3650
_USED_EVERY: Final = 60.0


class ApiKey(msgspec.Struct, frozen=True):
    """A key as people see it. `expires_at` and `used_at` are 0 for never."""

    id: str
    organization: str
    user: str
    user_name: str
    name: str
    prefix: str
    toolsets: tuple[str, ...]
    read_only: bool
    created_by: str
    created_at: float
    expires_at: float
    used_at: float


class Wanted(msgspec.Struct, frozen=True):
    """A key that is asked for. `user`: the service account it is for, empty for one's own; `days` 0 never expires."""

    name: str
    toolsets: tuple[str, ...] = ()
    read_only: bool = False
    days: int = 90
    user: str = ""


class Good(msgspec.Struct, frozen=True):
    """What a valid key stands for."""

    key: str
    principal: Principal
    toolsets: tuple[str, ...]
    read_only: bool


class ApiKeys:
    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def create(self, by: SignedIn, wanted: Wanted) -> str:
        """The key, which is shown this once. Raises InvalidArguments, PolicyDenied, NotFound."""
        _check(wanted)
        user, now, key = wanted.user or by.user, self._now(), MARK + new_secret()
        row: dict[str, Any] = {
            "id": new_id(),
            "organization": by.organization,
            "user": user,
            "name": wanted.name.strip(),
            "prefix": key[:_SHOWN],
            "digest": digest(key),
            "toolsets": msgspec.json.encode(wanted.toolsets).decode(),
            "read_only": wanted.read_only or by.role == Role.VIEWER,
            "created_by": by.user,
            "created_at": now,
            "expires_at": now + wanted.days * _DAY if wanted.days else 0.0,
            "revoked_at": 0.0,
            "used_at": 0.0,
        }
        async with self._engine.begin() as connection:
            await self._check_user(connection, by, user)
            await connection.execute(insert(api_keys).values(**row))
        return key

    async def list(self, by: SignedIn) -> tuple[ApiKey, ...]:
        """One's own keys; an admin sees those of the whole organization."""
        query = (
            select(api_keys, users.c.name.label("user_name"))
            .join(users, users.c.id == api_keys.c.user)
            .where(api_keys.c.revoked_at == 0, self._visible_to(by))
            .order_by(api_keys.c.created_at)
        )
        async with self._engine.connect() as connection:
            return tuple(_api_key(row) for row in await connection.execute(query))

    async def revoke(self, by: SignedIn, key: str) -> None:
        """Raises NotFound where there is none that `by` may revoke."""
        which = and_(self._visible_to(by), api_keys.c.id == key, api_keys.c.revoked_at == 0)
        gone = update(api_keys).where(which).values(revoked_at=self._now()).returning(api_keys.c.id)
        async with self._engine.begin() as connection:
            if (await connection.execute(gone)).first() is None:
                raise NotFound("There is no such key.", "`trunkline apikeys list` and your account page list them.")

    async def good(self, key: str) -> Good | None:
        """What `key` stands for; None where it is none of ours, expired, revoked, or its user is gone or disabled."""
        if not _KEY.fullmatch(key):
            return None
        now = self._now()
        query = (
            select(api_keys, users.c.name.label("user_name"), memberships.c.role)
            .join(users, users.c.id == api_keys.c.user)
            .join(
                memberships,
                and_(memberships.c.user == api_keys.c.user, memberships.c.organization == api_keys.c.organization),
            )
            .where(api_keys.c.digest == digest(key), api_keys.c.revoked_at == 0, users.c.disabled.is_(False))
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        if row is None or (row.expires_at and row.expires_at <= now):
            return None
        if row.used_at < now - _USED_EVERY:
            await self._used(row.id, now)
        principal = Principal(row.user, row.organization, row.user_name)
        return Good(row.id, principal, _toolsets(row), row.read_only or not reaches(row.role, Role.MEMBER))

    async def once(self, key: str) -> ApiKey | None:
        """The key that `key` is or was, good or not: for writing down that it was refused. None for a guess."""
        query = (
            select(api_keys, users.c.name.label("user_name"))
            .join(users, users.c.id == api_keys.c.user)
            .where(api_keys.c.digest == digest(key))
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _api_key(row)

    async def _check_user(self, connection: AsyncConnection, by: SignedIn, user: str) -> None:
        """A key for another is one for a service account that may no more than its maker."""
        if user == by.user:
            return
        require(by.role, Role.ADMIN, "make keys for service accounts")
        place = and_(memberships.c.user == user, memberships.c.organization == by.organization)
        query = select(users.c.kind, memberships.c.role).join(memberships, memberships.c.user == users.c.id)
        row = (await connection.execute(query.where(place))).first()
        if row is None:
            raise NotFound("There is no such service account.", "The members page lists them.")
        if row.kind != "service":
            raise PolicyDenied("A person makes their own keys.", "Make a service account for a program.")
        require(by.role, row.role, "make a key that may do more than you may")

    def _visible_to(self, by: SignedIn) -> Any:
        own = api_keys.c.organization == by.organization
        return own if reaches(by.role, Role.ADMIN) else and_(own, api_keys.c.user == by.user)

    async def _used(self, key: str, now: float) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(api_keys).where(api_keys.c.id == key).values(used_at=now))


def _check(wanted: Wanted) -> None:
    """Raises InvalidArguments."""
    if not wanted.name.strip() or len(wanted.name) > 100 or not wanted.name.isprintable():
        raise InvalidArguments("A key needs a short name.", "Say what will use it.")
    if not 0 <= wanted.days <= _LONGEST_DAYS:
        raise InvalidArguments(f"A key lasts 1 to {_LONGEST_DAYS} days.", "0 is for ever.")
    if not all(_TOOLSET.fullmatch(name) for name in wanted.toolsets):
        raise InvalidArguments("There can be no such toolset.", "Name services, or toolsets of the settings.")


def split_toolsets(text: str) -> tuple[str, ...]:
    """As people type it: `github, slack` are two."""
    names: Sequence[str] = text.replace(",", " ").split()
    return tuple(dict.fromkeys(names))


def _toolsets(row: Row[Any]) -> tuple[str, ...]:
    return msgspec.json.decode(row.toolsets, type=tuple[str, ...])


def _api_key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.id, row.organization, row.user, row.user_name, row.name, row.prefix, _toolsets(row), row.read_only,
        row.created_by, row.created_at, row.expires_at, row.used_at,
    )  # fmt: skip
