"""The PostgreSQL server of one connection: a small pool, and transactions that end by themselves.

Reading happens in a READ ONLY transaction that is rolled back, and through a cursor: what DECLARE CURSOR does not
take (anything but a query), the server refuses. The extended protocol takes one statement at a time, so nothing can
be added behind it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from psycopg import AsyncConnection, AsyncRawCursor, AsyncRawServerCursor
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from trunkline.contract import Access

STATEMENT_SECONDS: Final = 30
_CONNECT_SECONDS: Final = 5
_WAIT_SECONDS: Final = 10.0  # for a connection of the pool
_MOST_CONNECTIONS: Final = 4
_IDLE_SECONDS: Final = 60.0

Row = DictRow
_Connection = AsyncConnection[DictRow]


class Database:
    """Opened before it is used, closed after."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._pool: AsyncConnectionPool[_Connection] | None = None

    async def open(self) -> None:
        """Raises psycopg.Error: a wrong password shows here, where the pool would only try again and again."""
        settings = await self._settings()
        await (await AsyncConnection.connect(**settings)).close()
        self._pool = AsyncConnectionPool(
            kwargs={**settings, "row_factory": dict_row},
            min_size=0,
            max_size=_MOST_CONNECTIONS,
            timeout=_WAIT_SECONDS,
            max_idle=_IDLE_SECONDS,
            open=False,
        )
        await self._pool.open()

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    async def query(self, text: str, parameters: Sequence[Any] = (), limit: int = 1000) -> list[Row]:
        """At most `limit` rows of one query."""
        async with self._transaction(read_only=True) as connection:
            cursor = AsyncRawServerCursor(connection, "rows", row_factory=dict_row)
            async with cursor:
                await cursor.execute(text.encode(), _sendable(parameters))
                return await cursor.fetchmany(limit)

    async def explain(self, text: str, parameters: Sequence[Any], *, analyze: bool) -> Any:
        """The plan of one statement, as EXPLAIN's JSON has it. `analyze` runs the statement, which may only read."""
        options = b"FORMAT JSON, ANALYZE, BUFFERS" if analyze else b"FORMAT JSON"
        async with self._transaction(read_only=True) as connection:
            cursor = AsyncRawCursor(connection, row_factory=dict_row)
            statement = b"EXPLAIN (" + options + b") " + text.encode()
            rows = [row async for row in cursor.stream(statement, _sendable(parameters))]
            return rows[0]["QUERY PLAN"]

    async def change(self, text: str, parameters: Sequence[Any], limit: int) -> tuple[str, list[Row]]:
        """Runs one statement and commits: what the server says of it, and at most `limit` rows that it returns."""
        async with self._transaction(read_only=False) as connection:
            cursor = AsyncRawCursor(connection, row_factory=dict_row)
            await cursor.execute(text.encode(), _sendable(parameters), prepare=True)
            rows = await cursor.fetchmany(limit) if cursor.description else []
            return cursor.statusmessage or "", rows

    @asynccontextmanager
    async def _transaction(self, *, read_only: bool) -> AsyncGenerator[_Connection]:
        assert self._pool is not None, "open() comes first"
        async with self._pool.connection() as connection:
            await connection.set_read_only(read_only)
            async with connection.transaction(force_rollback=read_only):
                timeout = f"{STATEMENT_SECONDS}s"
                await connection.execute("SELECT set_config('statement_timeout', %s, true)", (timeout,))
                yield connection

    async def _settings(self) -> dict[str, Any]:
        """For libpq. The name is for TLS; what is dialed are the addresses that the guard gave."""
        variables, values = self._access.variables, self._access.values
        host, port = variables["host"], int(variables["port"])
        addresses = await self._access.egress.addresses(host, port)
        return {
            "host": ",".join([host] * len(addresses)),
            "hostaddr": ",".join(addresses),
            "port": port,
            "dbname": variables["database"],
            "user": values["username"],
            "password": values["password"],
            "sslmode": variables["sslmode"],
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "trunkline",
        }


def _sendable(parameters: Sequence[Any]) -> list[Any]:
    """JSON objects are sent as jsonb."""
    return [Jsonb(each) if isinstance(each, dict) else each for each in parameters]
