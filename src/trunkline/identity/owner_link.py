"""The use of the owner's one-time links (`link`): each signs one browser in, once."""

import hmac
import struct
import time
from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import Unauthenticated
from trunkline.identity.link import BODY_BYTES, signature
from trunkline.identity.tokens import digest
from trunkline.infra.tables import used_links

_HINT: Final = "`trunkline login` prints a new one."


class OwnerLinks:
    """Checks links, and uses them up."""

    def __init__(self, engine: AsyncEngine, master: bytes, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._master = master
        self._now = now

    def check(self, secret: str) -> None:
        """Raises Unauthenticated where the link is not ours, or too old."""
        self._read(secret)

    async def use(self, secret: str) -> None:
        """Raises Unauthenticated as `check`, and where the link was used before."""
        body, expires = self._read(secret)
        try:
            async with self._engine.begin() as connection:
                await connection.execute(delete(used_links).where(used_links.c.expires_at < self._now()))
                await connection.execute(insert(used_links).values(digest=digest(body.hex()), expires_at=expires))
        except IntegrityError:
            raise _refused() from None

    def _read(self, secret: str) -> tuple[bytes, float]:
        """What was signed (base64url spells the same bytes in more than one way), and until when it is good."""
        try:
            raw = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        except (Error, ValueError):
            raise _refused() from None
        body = raw[:BODY_BYTES]
        if not hmac.compare_digest(raw[BODY_BYTES:], signature(self._master, body)):
            raise _refused()
        expires = float(struct.unpack(">Q", body[:8])[0])
        if expires <= self._now():
            raise _refused()
        return body, expires


def _refused() -> Unauthenticated:
    return Unauthenticated("This link is not valid, was used already, or is too old.", _HINT)
