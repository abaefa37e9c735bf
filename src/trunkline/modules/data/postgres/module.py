"""PostgreSQL. Reading tools cannot change anything; `write_sql` is the one that does."""

import asyncio
from typing import Annotated, Any, Literal

import psycopg
from msgspec import Meta
from psycopg_pool import PoolClosed, PoolTimeout

from trunkline.contract import Access, Effect, Fault, InvalidArguments, Module, NotFound, tool
from trunkline.modules.data.postgres import queries
from trunkline.modules.data.postgres.database import Database, Row
from trunkline.modules.data.postgres.faults import fault_of
from trunkline.modules.data.postgres.health import CHECKS, Check

_KINDS = {"table": ["r", "p", "f"], "view": ["v", "m"], "sequence": ["S"]}

Sql = Annotated[str, Meta(min_length=1), "One statement; $1, $2 … stand for the parameters"]
Parameters = Annotated[list[Any], "Values of $1, $2 … in order"]
Schema = Annotated[str, "Name of the schema"]
Limit = Annotated[int, Meta(ge=1, le=1000), "Most rows to return"]
Offset = Annotated[int, Meta(ge=0), "Rows to skip"]


class Postgres(Module):
    """One database of one server."""

    errors = (psycopg.Error, PoolTimeout, PoolClosed)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._database = Database(access)

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    def fault(self, error: Exception) -> Fault:
        return fault_of(error)

    @tool(effect=Effect.READ)
    async def list_schemas(self) -> list[Row]:
        """List the schemas of the database with their owners and how many tables and views they hold."""
        return await self._database.query(queries.SCHEMAS)

    @tool(effect=Effect.READ)
    async def list_objects(
        self,
        schema: Schema = "public",
        kind: Annotated[Literal["table", "view", "sequence", "function", "extension"], "What to list"] = "table",
        limit: Limit = 200,
        offset: Offset = 0,
    ) -> dict[str, Any]:
        """List the tables, views, sequences, functions or extensions of a schema, with sizes and comments."""
        if kind == "extension":
            return _page(await self._database.query(queries.EXTENSIONS, [offset], limit + 1), limit)
        if kind == "function":
            return _page(await self._database.query(queries.FUNCTIONS, [schema, offset], limit + 1), limit)
        parameters = [schema, _KINDS[kind], offset]
        return _page(await self._database.query(queries.RELATIONS, parameters, limit + 1), limit)

    @tool(effect=Effect.READ)
    async def get_object_details(
        self, name: Annotated[str, "Name of a table, view or sequence"], schema: Schema = "public"
    ) -> dict[str, Any]:
        """Show columns, constraints, foreign keys in both directions, indexes and size of a table, view or sequence."""
        found = await self._database.query(queries.RELATION, [schema, name])
        if not found:
            raise NotFound(f"there is no table, view or sequence {schema}.{name}", "list_objects shows what there is.")
        about = found[0]
        oid = about.pop("oid")
        if about.pop("relkind") == "S":
            return {**about, **(await self._database.query(queries.SEQUENCE, [schema, name]))[0]}
        parts = {
            "columns": queries.COLUMNS,
            "constraints": queries.CONSTRAINTS,
            "referenced_by": queries.REFERENCED_BY,
            "indexes": queries.INDEXES,
        }
        asked = [self._database.query(text, [oid]) for text in parts.values()]
        return about | dict(zip(parts, await asyncio.gather(*asked), strict=True))

    @tool(effect=Effect.READ)
    async def execute_sql(self, sql: Sql, parameters: Parameters | None = None, limit: Limit = 100) -> dict[str, Any]:
        """Run one SELECT (or WITH, VALUES, TABLE) in a read-only transaction, 30 seconds at most."""
        return _page(await self._database.query(sql, parameters or (), limit + 1), limit)

    @tool(effect=Effect.DELETE)
    async def write_sql(self, sql: Sql, parameters: Parameters | None = None, limit: Limit = 100) -> dict[str, Any]:
        """Run one statement that changes data or schema (INSERT, UPDATE, DELETE, CREATE …) and commit it.

        Rows come back where the statement has a RETURNING clause.
        """
        status, rows = await self._database.change(sql, parameters or (), limit + 1)
        return {"status": status, **(_page(rows, limit) if rows else {})}

    @tool(effect=Effect.READ)
    async def explain_query(
        self,
        sql: Sql,
        parameters: Parameters | None = None,
        analyze: Annotated[bool, "Run the query too, and show real times and rows"] = False,
    ) -> Any:
        """Show the plan by which PostgreSQL would run a statement, with its costs. Changes nothing."""
        return await self._database.explain(sql, parameters or (), analyze=analyze)

    @tool(effect=Effect.READ)
    async def get_top_queries(
        self,
        sort_by: Annotated[
            Literal["total_time", "mean_time", "calls", "io"], "What makes a query costly"
        ] = "total_time",
        limit: Annotated[int, Meta(ge=1, le=100), "Most queries to return"] = 10,
    ) -> list[Row]:
        """List the costliest queries, as the extension pg_stat_statements has counted them."""
        if not await self._database.query(queries.HAS_STATEMENTS):
            hint = "An administrator adds it to shared_preload_libraries and runs CREATE EXTENSION pg_stat_statements."
            raise InvalidArguments("the extension pg_stat_statements is not installed in this database", hint)
        return await self._database.query(queries.TOP_QUERIES, [sort_by], limit)

    @tool(effect=Effect.READ)
    async def analyze_db_health(
        self, checks: Annotated[list[Check] | None, "Which checks; all of them where none is named"] = None
    ) -> dict[str, list[Row]]:
        """Check connections, cache hits, indexes, vacuum, wraparound, sequences, constraints and replication.

        Indexes: those that are invalid, doubled or unused. A check without rows has found nothing wrong.
        """
        wanted = list(dict.fromkeys(checks or CHECKS))
        found = await asyncio.gather(*(self._database.query(CHECKS[name], limit=50) for name in wanted))
        return dict(zip(wanted, found, strict=True))

    @tool(effect=Effect.READ)
    async def list_active_queries(
        self, idle: Annotated[bool, "Sessions that do nothing too"] = False, limit: Limit = 50
    ) -> list[Row]:
        """List what sessions run right now, for how long, what they wait for and who blocks them."""
        return await self._database.query(queries.ACTIVITY, [idle], limit)


def _page(rows: list[Row], limit: int) -> dict[str, Any]:
    """`rows` was asked with one more than `limit`, to see whether there are more."""
    page: dict[str, Any] = {"rows": rows[:limit], "count": min(len(rows), limit)}
    return {**page, "more": True} if len(rows) > limit else page
