"""What admins have configured: an organization's OAuth apps, and who may connect a service.

One app serves a provider's whole family (all Google services); who may connect, and with which scopes, is said per
service.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from trunkline.connections.envelope import DataKey, Place
from trunkline.connections.keys.data_keys import DataKeyGone
from trunkline.connections.provider import Provider, Providers
from trunkline.connections.safe import Safe
from trunkline.connections.token_endpoint import App
from trunkline.contract import InvalidArguments, NotFound
from trunkline.infra.tables import oauth_apps, service_configs

Who = Literal["personal", "shared", "either"]
_SECRET: Final = "client_secret"  # noqa: S105 - the field's name
_LONGEST: Final = 2048
_TABLE: Final = str(oauth_apps.name)
REDIRECT_NAME: Final = "redirect_name"  # eBay's: what stands for the redirect URI


class ServiceConfig(msgspec.Struct, frozen=True):
    """What an admin said of a service. `either`: a person's own connection, else the shared one."""

    who: Who = "personal"
    scopes: tuple[str, ...] = ()  # instead of those of the service
    said: bool = True  # False: nobody has said anything yet


class StoredApp(msgspec.Struct, frozen=True):
    """An OAuth app as people see it: everything but its secret."""

    provider: str
    client_id: str
    variables: dict[str, str]
    updated_at: float


class Apps:
    """The tables oauth_apps and service_configs."""

    def __init__(self, engine: AsyncEngine, safe: Safe, providers: Providers) -> None:
        self._engine = engine
        self._safe = safe
        self.providers = providers

    async def find(self, organization: str, provider: str) -> App | None:
        """The organization's app at `provider`, if it has one. Raises NotFound, KeysUnavailable."""
        facts = self.providers.find(provider)
        for last in (False, True):
            row = await self._row(organization, provider)
            if row is None:
                return None
            place = Place(organization, _TABLE, row.id, row.version)
            try:
                secret = (await self._safe.open(place, row.key_version, row.sealed))[_SECRET]
            except DataKeyGone:  # it was sealed anew since it was read
                if last:
                    raise
                continue
            return App(facts, row.client_id, secret, msgspec.json.decode(row.variables, type=dict[str, str]))
        return None

    async def has(self, organization: str, provider: str) -> bool:
        return await self._row(organization, provider) is not None

    async def save(self, organization: str, app: App, now: float) -> None:
        """Stores the app, or replaces it. Raises InvalidArguments for what cannot be sent, KeysUnavailable."""
        _check(app)
        variables = msgspec.json.encode(app.variables).decode()

        async def write(connection: AsyncConnection, key: DataKey) -> None:
            id, version = await _claimed(connection, organization, app.provider)
            sealed = key.seal(Place(organization, _TABLE, id, version), {_SECRET: app.client_secret})
            values = {"client_id": app.client_id, "variables": variables, "sealed": sealed, "updated_at": now}
            filled = update(oauth_apps).where(oauth_apps.c.id == id)
            await connection.execute(filled.values(**values, key_version=key.version))

        await self._safe.write(organization, write)

    async def remove(self, organization: str, provider: str) -> None:
        """Raises NotFound."""
        mine = (oauth_apps.c.organization == organization, oauth_apps.c.provider == provider)
        async with self._engine.begin() as connection:
            if not (await connection.execute(delete(oauth_apps).where(*mine))).rowcount:
                raise NotFound(f"There is no OAuth app for {provider!r}.", "`trunkline apps` lists them.")

    async def list(self, organization: str) -> tuple[StoredApp, ...]:
        query = select(oauth_apps).where(oauth_apps.c.organization == organization).order_by(oauth_apps.c.provider)
        async with self._engine.connect() as connection:
            return tuple(
                StoredApp(row.provider, row.client_id, msgspec.json.decode(row.variables), row.updated_at)
                for row in await connection.execute(query)
            )

    async def config(self, organization: str, service: str) -> ServiceConfig:
        """What holds for a service (its `connection`): people connect for themselves, if nobody said otherwise."""
        mine = (service_configs.c.organization == organization, service_configs.c.service == service)
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(service_configs).where(*mine))).first()
        if row is None:
            return ServiceConfig(said=False)
        return ServiceConfig(row.who, msgspec.json.decode(row.scopes, type=tuple[str, ...]))

    async def configure(self, organization: str, service: str, config: ServiceConfig, now: float) -> None:
        """Raises InvalidArguments."""
        if config.who not in get_args(Who):
            raise InvalidArguments(f"{config.who!r} may not connect.", f"One of: {', '.join(get_args(Who))}.")
        values = {"who": config.who, "scopes": msgspec.json.encode(config.scopes).decode(), "updated_at": now}
        mine = {"organization": organization, "service": service}
        async with self._engine.begin() as connection:
            where = [service_configs.c[name] == value for name, value in mine.items()]
            if not (await connection.execute(update(service_configs).where(*where).values(**values))).rowcount:
                await connection.execute(insert(service_configs).values(**mine, **values))

    async def _row(self, organization: str, provider: str) -> Any:
        mine = (oauth_apps.c.organization == organization, oauth_apps.c.provider == provider)
        async with self._engine.connect() as connection:
            return (await connection.execute(select(oauth_apps).where(*mine))).first()


async def _claimed(connection: AsyncConnection, organization: str, provider: Provider) -> tuple[str, int]:
    """The row to write into, a version further; a new one where there is none."""
    mine = (oauth_apps.c.organization == organization, oauth_apps.c.provider == provider.id)
    moved = update(oauth_apps).where(*mine).values(version=oauth_apps.c.version + 1)
    found = (await connection.execute(moved.returning(oauth_apps.c.id, oauth_apps.c.version))).first()
    if found is not None:
        return found.id, found.version
    fresh = {"id": uuid.uuid4().hex, "organization": organization, "provider": provider.id, "version": 1}
    empty = {"client_id": "", "variables": "{}", "key_version": 0, "sealed": b"", "updated_at": 0.0}
    await connection.execute(insert(oauth_apps).values(**fresh, **empty))
    return cast("str", fresh["id"]), 1


def _check(app: App) -> None:
    for name, value in (("client id", app.client_id), ("client secret", app.client_secret)):
        if not value.isascii() or not value.isprintable() or len(value) > _LONGEST:
            raise InvalidArguments(f"The {name} holds characters that cannot be sent.", "Paste it as it is shown.")
    if not app.client_id:
        raise InvalidArguments("The client id is empty.", f"It is shown at {app.provider.register or 'the provider'}.")
    unknown = app.variables.keys() - app.provider.variables.keys() - {REDIRECT_NAME}
    if unknown:
        raise InvalidArguments(f"{app.provider.title} has no variable {', '.join(sorted(unknown))}.", "")
    checked: Mapping[str, str] = {name: value for name, value in app.variables.items() if name != REDIRECT_NAME}
    for name in checked:
        app.provider.filled(f"{{{name}}}", checked)
