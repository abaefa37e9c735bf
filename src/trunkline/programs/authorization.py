"""The authorization server of one program, put together when the first token or page asks for it."""

import asyncio
from typing import TYPE_CHECKING, Final

from trunkline.identity import Held
from trunkline.infra.data_dir import DataDir
from trunkline.infra.keyfile import master_key
from trunkline.infra.once import Once
from trunkline.programs.database import Database
from trunkline.programs.people import People

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from trunkline.identity.oauth.access import AccessTokens
    from trunkline.identity.oauth.server import AuthorizationServer
    from trunkline.infra.fetch import Outbound
    from trunkline.programs.identity import Identity

_DOCUMENT_SECONDS: Final = 5.0


class Authorization:
    """Makes the server once; as a verifier of the authenticator, knows its access tokens."""

    def __init__(self, folder: DataDir, database: Database, people: People) -> None:
        self._folder = folder
        self._database = database
        self._people = people
        self._once: Once[_Opened] = Once(self._open, "open authorization")

    async def server(self) -> "AuthorizationServer":
        return (await self._once.get()).server

    async def verify(self, token: str, host: bytes, path: str) -> Held | None:
        """Only what looks like a signed token opens anything."""
        if token.count(".") != 2 or not token.startswith("ey"):
            return None
        return await (await self._once.get()).access.verify(token, host, path)

    async def close(self) -> None:
        await self._once.close()
        if self._once.made is not None:
            await self._once.made.fetch.close()

    async def _open(self) -> "_Opened":
        engine = await self._database.engine()
        identity = await self._people.identity()
        return await asyncio.to_thread(_made, engine, master_key(self._folder.key), identity)


class _Opened:
    def __init__(self, server: "AuthorizationServer", access: "AccessTokens", fetch: "Outbound") -> None:
        self.server = server
        self.access = access
        self.fetch = fetch


class _Standing:
    """`identity.oauth.ports.Accounts` over the members' table."""

    def __init__(self, identity: "Identity") -> None:
        self._standing = identity.standing

    async def role(self, subject: str, organization: str) -> str | None:
        member = await self._standing.member(organization, subject)
        return None if member is None else member.role


def _made(engine: "AsyncEngine", master: bytes, identity: "Identity") -> _Opened:
    from trunkline.identity.oauth.access import AccessTokens  # noqa: PLC0415 - with the next ones, SQLAlchemy and joserfc
    from trunkline.identity.oauth.documents import LARGEST  # noqa: PLC0415 - as above
    from trunkline.identity.oauth.server import AuthorizationServer, Outside  # noqa: PLC0415 - as above
    from trunkline.infra.fetch import Outbound  # noqa: PLC0415 - aiohttp

    accounts = _Standing(identity)
    fetch = Outbound(public=True, limit=LARGEST, seconds=_DOCUMENT_SECONDS)
    server = AuthorizationServer(engine, master, Outside(accounts, identity.events.record, fetch, identity.issuers))
    return _Opened(server, AccessTokens(server.keys, server.grants, accounts), fetch)
