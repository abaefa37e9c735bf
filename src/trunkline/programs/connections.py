"""The connection store over a data directory."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from trunkline.connections.envelope import Envelope
from trunkline.connections.store import StoredConnections
from trunkline.infra import database
from trunkline.infra.data_dir import DataDir
from trunkline.infra.engine import open_engine
from trunkline.infra.keyfile import master_key


@asynccontextmanager
async def stored_connections(folder: DataDir) -> AsyncGenerator[StoredConnections]:
    """The store; makes database and key file where they are missing. Raises `InvalidSettings`."""
    folder.create()
    database.prepare(folder.database)
    engine = open_engine(folder.database)
    try:
        yield StoredConnections(engine, Envelope(master_key(folder.key)))
    finally:
        await engine.dispose()
