"""Safes over a key file in a folder of the test."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.connections.former import FormerEnvelope
from trunkline.connections.keys import KeyProvider
from trunkline.connections.keys.data_keys import DataKeys
from trunkline.connections.keys.file import FileKeys
from trunkline.connections.keys.providers import Providers
from trunkline.connections.safe import Safe
from trunkline.infra.keyring import Keyring

MASTER = bytes(range(7, 7 + 32 * 3, 3))
SECONDS = 300.0


def ring_of(folder: Path) -> Keyring:
    """The key file of the folder, made if it is missing."""
    ring = Keyring(folder / "credentials.key", "TRUNKLINE_KEY_FILE", {"the master key": MASTER})
    ring.create()
    return ring


def providers_of(folder: Path, **others: KeyProvider) -> Providers:
    """The key file as the current provider, and others by their scheme."""
    file = FileKeys(ring_of(folder))
    makers: dict[str, Callable[[], KeyProvider]] = {name: _always(each) for name, each in others.items()}
    return Providers("file", {"file": lambda: file, **makers})


def safe_of(engine: AsyncEngine, folder: Path, providers: Providers | None = None, seconds: float = SECONDS) -> Safe:
    keys = DataKeys(engine, providers or providers_of(folder), seconds)
    return Safe(engine, keys, FormerEnvelope(MASTER))


def _always(provider: KeyProvider) -> Callable[[], KeyProvider]:
    return lambda: provider
