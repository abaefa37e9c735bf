"""Identity, opened on first use: a gateway that only its owner's token calls needs none of it."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from trunkline.contract import Admitted
from trunkline.identity.tokens import KEY_MARK as MARK
from trunkline.identity.verifier import Held
from trunkline.infra.keyfile import master_key
from trunkline.infra.once import Once
from trunkline.programs.database import Database
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.infra.fetch import Outbound
    from trunkline.programs.identity import Identity

KEY_SECONDS: Final = 2.0  # how long a verified key is remembered: after that, its revocation shows
_NOTED_EVERY: Final = 60.0
_READING: Final = frozenset({"mcp:read"})

_TOOLSET: Final = "/mcp/t/"


class People:
    """Identity over a database; verifies API keys."""

    def __init__(self, settings: Settings, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._database = database
        self._now = now
        self._opened: Once[Identity] = Once(self._open, "open identity")
        self._outbound: Outbound | None = None
        self._noted: dict[str, float] = {}

    async def identity(self) -> "Identity":
        return await self._opened.get()

    async def verify(self, token: str, host: bytes, path: str) -> Held | None:
        """An API key, good for the URLs of its toolsets."""
        if not token.startswith(MARK):
            return None
        identity = await self.identity()
        good = await identity.keys.good(token)
        if good is None or not _covers(good.toolsets, path):
            await self._refused(identity, token, "not valid any more" if good is None else f"not for {path}")
            return None
        admitted = Admitted(good.principal, _READING if good.read_only else None)
        return Held(admitted, self._now() + KEY_SECONDS, path=path if good.toolsets else "")

    async def close(self) -> None:
        await self._opened.close()
        if self._outbound is not None:
            await self._outbound.close()

    async def _refused(self, identity: "Identity", token: str, reason: str) -> None:
        """Writes down that a key of ours was refused, not more than once a minute; guesses are nobody's."""
        key = await identity.keys.once(token)
        if key is None or self._noted.get(key.id, -_NOTED_EVERY) + _NOTED_EVERY > self._now():
            return
        self._noted[key.id] = self._now()
        detail = {"name": key.name, "prefix": key.prefix, "reason": reason}
        await identity.events.record(key.organization, key.user, "key.use", key.id, outcome="refused", detail=detail)

    async def _open(self) -> "Identity":
        from trunkline.infra.fetch import Outbound  # noqa: PLC0415 - for those who sign in
        from trunkline.programs.identity import Identity, Site  # noqa: PLC0415 - SQLAlchemy and Jinja

        self._outbound = self._outbound or Outbound()
        settings = self._settings
        site = Site(settings.listen.url, master_key(settings.data.key), settings.sign_in, self._outbound)
        opened = Identity(await self._database.engine(), site)
        await opened.start()
        return opened


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator["Identity"]:
    """Identity for one command."""
    database = Database(settings.database)
    people = People(settings, database)
    try:
        yield await people.identity()
    finally:
        await people.close()
        await database.close()


def _covers(toolsets: tuple[str, ...], path: str) -> bool:
    if not toolsets:
        return True
    return path.startswith(_TOOLSET) and path[len(_TOOLSET) :] in toolsets
