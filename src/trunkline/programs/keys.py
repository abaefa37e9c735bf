"""What protects stored secrets, put together from settings: key providers, data keys, the safe, the store.

Import it where the store is opened, not where a program starts: it brings in SQLAlchemy.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.connections.former import FormerEnvelope
from trunkline.connections.keys import KeyProvider, sealed
from trunkline.connections.keys.data_keys import DataKeys
from trunkline.connections.keys.file import SCHEME, FileKeys
from trunkline.connections.keys.providers import Make, Providers
from trunkline.connections.keys.rotate import Progress, Rotated, Rotation, current_id
from trunkline.connections.keys.settings import KeySettings
from trunkline.connections.safe import Safe
from trunkline.connections.store import StoredConnections
from trunkline.contract import Fault, KeysUnavailable
from trunkline.infra.data_dir import DataDir
from trunkline.infra.engine import open_engine
from trunkline.infra.keyfile import master_key
from trunkline.infra.keyring import Keyring
from trunkline.infra.location import Location
from trunkline.infra.settings import variable_of
from trunkline.infra.tables import data_keys

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Storage:
    """The database, and what opens the secrets in it."""

    engine: AsyncEngine
    providers: Providers
    safe: Safe
    store: StoredConnections

    def rotation(self, progress: Progress, provider: str = "") -> Rotation:
        """To `provider`, by default that of the settings."""
        return Rotation(self.engine, self.safe, self.providers.led_by(provider), progress)

    async def fault(self) -> KeysUnavailable | None:
        """Why secrets cannot be opened now; None if they can."""
        try:
            await current_id(self.providers.current)
        except KeysUnavailable as fault:
            return fault
        return None

    async def rotate(self, fresh: bool) -> Rotated:
        """To the provider of the settings, and nobody watches. Raises KeysUnavailable."""
        return await self.rotation(_quietly).whole(fresh=fresh)

    async def settle(self) -> None:
        """Says in the log if secrets are sealed; else seals anew what the newest data key did not seal."""
        fault = await self.fault()
        if fault is not None:
            _log.error("%s %s", fault.message, fault.hint)
            return
        try:
            done = await self.rotation(_quietly).reseal(fresh=False)
        except Fault as failed:
            _log.error("stored secrets are not sealed anew: %s", failed.message)
            return
        if done.sealed or done.broken:
            _log.warning("%d stored secrets sealed anew, %d cannot be opened", done.sealed, len(done.broken))

    async def close(self) -> None:
        await self.safe.keys.close()
        await self.engine.dispose()


async def opened(where: Location, folder: DataDir, settings: KeySettings) -> Storage:
    """Over a database that is prepared. Raises InvalidSettings where the key file in the data directory is no good."""
    master = master_key(folder.key)
    ring = _ring(folder, settings, master)
    engine = open_engine(where)
    try:
        if not settings.key_file and not await _knows(engine, SCHEME):
            ring.create()
    except Fault:
        await engine.dispose()
        raise
    providers = Providers(settings.key_provider, {SCHEME: lambda: FileKeys(ring), **_remote(settings)})
    safe = Safe(engine, DataKeys(engine, providers, settings.key_seconds), FormerEnvelope(master))
    return Storage(engine, providers, safe, StoredConnections(engine, safe))


def _ring(folder: DataDir, settings: KeySettings, master: bytes) -> Keyring:
    path = Path(settings.key_file).expanduser().absolute() if settings.key_file else folder.credential_key
    return Keyring(path, variable_of("key_file"), {f"the key file {folder.key}": master})


def _remote(settings: KeySettings) -> dict[str, Make]:
    return {"vault": lambda: _vault(settings), "kms": lambda: _kms(settings)}


def _vault(settings: KeySettings) -> KeyProvider:
    try:
        from trunkline.connections.keys.vault import VaultKeys, VaultSettings  # noqa: PLC0415 - hvac is an extra
    except ImportError:
        raise sealed("the package hvac is missing", "Install it: pip install 'trunkline[vault]'.") from None
    return VaultKeys(
        VaultSettings(
            address=settings.vault_address,
            mount=settings.vault_mount,
            key=settings.vault_key,
            namespace=settings.vault_namespace,
            token_file=settings.vault_token_file,
            role_id=settings.vault_role_id,
            secret_id_file=settings.vault_secret_id_file,
            ca_file=settings.vault_ca_file,
        )
    )


def _kms(settings: KeySettings) -> KeyProvider:
    from trunkline.connections.keys.kms import KmsKeys, client  # noqa: PLC0415 - botocore takes 0.2 s

    return KmsKeys(client(settings.kms_region, settings.kms_endpoint), settings.kms_key)


async def _knows(engine: AsyncEngine, scheme: str) -> bool:
    """Whether a data key is wrapped by a key of that provider's."""
    query = select(data_keys.c.key_id).where(data_keys.c.key_id.startswith(f"{scheme}:")).limit(1)
    async with engine.connect() as connection:
        return (await connection.execute(query)).first() is not None


def _quietly(_what: str, _count: int) -> None:
    """Nobody watches."""
