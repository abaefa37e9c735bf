"""Consents under way: what is remembered between leaving for a provider and coming back.

The state is 256 random bits; the database has its digest only, and the PKCE verifier sealed under a key that only the
state yields. So a dump of the table completes no consent.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import Principal
from trunkline.infra.keyfile import derive
from trunkline.infra.tables import connect_attempts as table

ATTEMPT_SECONDS: Final = 600.0
_NONCE: Final = 12
_ONLY: Final = bytes(_NONCE)  # the key is used once, so its nonce may be anything
_PURPOSE: Final = "connect attempt v1"


class Attempt(msgspec.Struct, frozen=True):
    """Who is connecting what, in which browser session."""

    principal: Principal
    session: str
    provider: str
    service: str
    shared: bool
    variables: dict[str, str]
    asked: tuple[str, ...]
    verifier: str

    def __repr__(self) -> str:
        return f"Attempt({self.service!r}, {self.principal.subject!r})"


class Attempts:
    """The table of attempts."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float]) -> None:
        self._engine = engine
        self._now = now

    async def begin(self, attempt: Attempt) -> str:
        """Writes the attempt down. Its state, to be sent to the provider."""
        state = secrets.token_urlsafe(32)
        row = {
            "id": _digest(state),
            "organization": attempt.principal.organization,
            "subject": attempt.principal.subject,
            "session": attempt.session,
            "provider": attempt.provider,
            "service": attempt.service,
            "shared": attempt.shared,
            "variables": msgspec.json.encode(attempt.variables).decode(),
            "asked": msgspec.json.encode(attempt.asked).decode(),
            "verifier": _box(state).encrypt(_ONLY, attempt.verifier.encode(), None),
            "expires_at": self._now() + ATTEMPT_SECONDS,
        }
        async with self._engine.begin() as connection:
            await connection.execute(delete(table).where(table.c.expires_at < self._now()))
            await connection.execute(insert(table).values(**row))
        return state

    async def take(self, state: str) -> Attempt | None:
        """The attempt of this state, once: whoever asks second finds nothing."""
        async with self._engine.begin() as connection:
            taken = delete(table).where(table.c.id == _digest(state), table.c.expires_at > self._now())
            row = (await connection.execute(taken.returning(*table.c))).first()
        if row is None:
            return None
        return Attempt(
            Principal(row.subject, row.organization),
            row.session,
            row.provider,
            row.service,
            row.shared,
            msgspec.json.decode(row.variables, type=dict[str, str]),
            msgspec.json.decode(row.asked, type=tuple[str, ...]),
            _box(state).decrypt(_ONLY, row.verifier, None).decode(),
        )


def challenge(verifier: str) -> str:
    """The S256 challenge (RFC 7636 section 4.2)."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _box(state: str) -> AESGCM:
    return AESGCM(derive(state.encode(), _PURPOSE))
