"""MongoDB. Documents go in and out in Extended JSON; no tool runs JavaScript or a command of the caller's making."""

import asyncio
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Raw
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.asynchronous.cursor import AsyncCursor

from trunkline.contract import Access, Effect, Fault, InvalidArguments, Module, tool
from trunkline.modules.data.mongodb.documents import Document, Filter, from_json, reading_pipeline, schema_of, to_json
from trunkline.modules.data.mongodb.faults import ERRORS, fault_of

_TIME_MS: Final = 30_000
_CONNECT_MS: Final = 5_000
_SAMPLE: Final = 100
_FIGURES: Final = ("count", "size", "avgObjSize", "storageSize", "totalIndexSize", "indexSizes", "nindexes", "capped")

Database = Annotated[str, Meta(min_length=1, max_length=63), "Name of the database"]
Collection = Annotated[str, Meta(min_length=1), "Name of the collection"]
Limit = Annotated[int, Meta(ge=1, le=1000), "Most documents to return"]


class MongoDb(Module):
    """One server, or one cluster."""

    errors = ERRORS

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._client: AsyncMongoClient[Document] | None = None

    async def open(self) -> None:
        variables = self.access.variables
        addresses = await self.access.egress.addresses(variables["host"], int(variables["port"]))
        self._client = AsyncMongoClient(**_settings(self.access, addresses[0]))
        await self._client.admin.command("ping")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            await asyncio.sleep(0)  # its sockets close on the next turn of the loop

    def fault(self, error: Exception) -> Fault:
        return fault_of(error)

    @tool(effect=Effect.READ)
    async def list_databases(self) -> Raw:
        """List the databases with their sizes."""
        cursor = await self._open_client.list_databases()
        return to_json([found async for found in cursor])

    @tool(effect=Effect.READ)
    async def list_collections(self, database: Database) -> Raw:
        """List the collections and views of a database."""
        cursor = await self._open_client[database].list_collections()
        return to_json([{key: found[key] for key in ("name", "type", "options")} async for found in cursor])

    @tool(effect=Effect.READ)
    async def find(
        self,
        database: Database,
        collection: Collection,
        filter: Filter | None = None,
        projection: Annotated[Document | None, "Fields to include (1) or to leave out (0)"] = None,
        sort: Annotated[dict[str, Literal[1, -1]] | None, "Fields to sort by: 1 up, -1 down"] = None,
        limit: Limit = 10,
        skip: Annotated[int, Meta(ge=0), "Documents to skip"] = 0,
    ) -> dict[str, Any]:
        """Find the documents that a filter selects."""
        cursor = self._collection(database, collection).find(
            from_json(filter or {}),
            projection or None,
            skip=skip,
            limit=limit + 1,
            sort=list(sort.items()) if sort else None,
            max_time_ms=_TIME_MS,
        )
        return await _page(cursor, limit)

    @tool(effect=Effect.READ)
    async def aggregate(
        self,
        database: Database,
        collection: Collection,
        pipeline: Annotated[list[Document], "Stages in order; not $out nor $merge"],
        limit: Limit = 10,
    ) -> dict[str, Any]:
        """Run an aggregation pipeline that reads."""
        stages = [*reading_pipeline(pipeline), {"$limit": limit + 1}]
        target = self._collection(database, collection)
        return await _page(await target.aggregate(stages, maxTimeMS=_TIME_MS), limit)

    @tool(effect=Effect.READ)
    async def count(self, database: Database, collection: Collection, filter: Filter | None = None) -> dict[str, int]:
        """Count the documents that a filter selects."""
        found = await self._collection(database, collection).count_documents(
            from_json(filter or {}), maxTimeMS=_TIME_MS
        )
        return {"count": found}

    @tool(effect=Effect.READ)
    async def collection_schema(self, database: Database, collection: Collection) -> dict[str, Any]:
        """Describe a collection's fields and their types, from a sample of 100 documents."""
        cursor = await self._collection(database, collection).aggregate(
            [{"$sample": {"size": _SAMPLE}}], maxTimeMS=_TIME_MS
        )
        return schema_of([document async for document in cursor])

    @tool(effect=Effect.READ)
    async def collection_indexes(self, database: Database, collection: Collection) -> Raw:
        """List the indexes of a collection."""
        cursor = await self._collection(database, collection).list_indexes()
        return to_json([found async for found in cursor])

    @tool(effect=Effect.READ)
    async def collection_storage_size(self, database: Database, collection: Collection) -> Raw:
        """Tell how many documents a collection has and how much room they and its indexes take, in bytes."""
        found = await self._open_client[database].command("collStats", collection)
        return to_json({key: found[key] for key in _FIGURES if key in found})

    @tool(effect=Effect.READ)
    async def db_stats(self, database: Database) -> Raw:
        """Tell the figures of a database: collections, documents, sizes in bytes."""
        return to_json(await self._open_client[database].command("dbStats"))

    @tool(effect=Effect.READ)
    async def explain(
        self,
        database: Database,
        collection: Collection,
        filter: Filter | None = None,
        verbosity: Literal["queryPlanner", "executionStats"] = "queryPlanner",
    ) -> Raw:
        """Show how MongoDB would find the documents that a filter selects, and which index serves it."""
        command = {"find": collection, "filter": from_json(filter or {}), "maxTimeMS": _TIME_MS}
        return to_json(await self._open_client[database].command("explain", command, verbosity=verbosity))

    @tool(effect=Effect.WRITE)
    async def insert_many(
        self, database: Database, collection: Collection, documents: Annotated[list[Document], Meta(min_length=1)]
    ) -> Raw:
        """Insert documents; the answer has their ids."""
        done = await self._collection(database, collection).insert_many([from_json(each) for each in documents])
        return to_json({"inserted": len(done.inserted_ids), "ids": done.inserted_ids})

    @tool(effect=Effect.WRITE)
    async def update_many(
        self,
        database: Database,
        collection: Collection,
        filter: Filter,
        update: Annotated[Document, 'Update operators: {"$set": {…}}'],
        upsert: Annotated[bool, "Insert a document where none is found"] = False,
    ) -> Raw:
        """Update every document that a filter selects."""
        target = self._collection(database, collection)
        change = from_json(update)
        if not change or not all(name.startswith("$") for name in change):
            raise InvalidArguments("update holds operators only", 'For example: {"$set": {"name": "Ann"}}.')
        done = await target.update_many(from_json(filter), change, upsert=upsert)
        return to_json(
            {"matched": done.matched_count, "modified": done.modified_count, "upserted_id": done.upserted_id}
        )

    @tool(effect=Effect.DELETE)
    async def delete_many(self, database: Database, collection: Collection, filter: Filter) -> dict[str, int]:
        """Delete every document that a filter selects; an empty filter is refused."""
        if not filter:
            hint = 'drop_collection removes everything; a filter that selects all: {"_id": {"$exists": true}}.'
            raise InvalidArguments("an empty filter would delete every document", hint)
        done = await self._collection(database, collection).delete_many(from_json(filter))
        return {"deleted": done.deleted_count}

    @tool(effect=Effect.WRITE)
    async def create_collection(self, database: Database, collection: Collection) -> dict[str, str]:
        """Create a collection, and its database where that is new."""
        await self._open_client[database].create_collection(collection)
        return {"created": f"{database}.{collection}"}

    @tool(effect=Effect.DELETE)
    async def rename_collection(
        self,
        database: Database,
        collection: Collection,
        new_name: Collection,
        drop_target: Annotated[bool, "Replace a collection that has the new name"] = False,
    ) -> dict[str, str]:
        """Rename a collection within its database."""
        await self._collection(database, collection).rename(new_name, dropTarget=drop_target)
        return {"renamed": f"{database}.{new_name}"}

    @tool(effect=Effect.DELETE, idempotent=True)
    async def drop_collection(self, database: Database, collection: Collection) -> dict[str, str]:
        """Remove a collection with all its documents and indexes."""
        await self._open_client[database].drop_collection(collection)
        return {"dropped": f"{database}.{collection}"}

    @tool(effect=Effect.DELETE, idempotent=True)
    async def drop_database(self, database: Database) -> dict[str, str]:
        """Remove a database with all its collections."""
        await self._open_client.drop_database(database)
        return {"dropped": database}

    @tool(effect=Effect.WRITE, idempotent=True)
    async def create_index(
        self,
        database: Database,
        collection: Collection,
        keys: Annotated[dict[str, Literal[1, -1, "text", "2dsphere", "hashed"]], Meta(min_length=1)],
        unique: bool = False,
        name: Annotated[str, "Made up from the keys where it is empty"] = "",
    ) -> dict[str, str]:
        """Create an index."""
        options: dict[str, Any] = {"unique": unique} | ({"name": name} if name else {})
        return {"index": await self._collection(database, collection).create_index(list(keys.items()), **options)}

    @tool(effect=Effect.DELETE)
    async def drop_index(self, database: Database, collection: Collection, name: str) -> dict[str, str]:
        """Remove an index by its name, which collection_indexes shows."""
        await self._collection(database, collection).drop_index(name)
        return {"dropped": name}

    @property
    def _open_client(self) -> AsyncMongoClient[Document]:
        assert self._client is not None, "open() comes first"
        return self._client

    def _collection(self, database: str, name: str) -> AsyncCollection[Document]:
        return self._open_client[database][name]


def _settings(access: Access, address: str) -> dict[str, Any]:
    """For the client. With mongodb:// it speaks to the one server that was named, and asks it for no others.

    With TLS the name is dialed, which the certificate must prove; without, the address that the guard gave.
    """
    variables, values = access.variables, access.values
    tls = variables["tls"] == "true"
    direct = {"port": int(variables["port"]), "directConnection": True, "tls": tls}
    srv = variables["scheme"] == "mongodb+srv"
    user = {"username": values["username"], "password": values["password"], "authSource": variables["auth_source"]}
    return {
        "host": f"mongodb+srv://{variables['host']}/" if srv else variables["host"] if tls else address,
        **({} if srv else direct),
        **(user if values["password"] else {}),
        "appname": "trunkline",
        "maxPoolSize": 4,
        "connectTimeoutMS": _CONNECT_MS,
        "serverSelectionTimeoutMS": _CONNECT_MS,
        "socketTimeoutMS": _TIME_MS + _CONNECT_MS,
        "tz_aware": True,
    }


async def _page(cursor: AsyncCursor[Document] | AsyncCommandCursor[Document], limit: int) -> dict[str, Any]:
    """`cursor` was asked for one more than `limit`, to see whether there are more."""
    async with cursor:
        found = await cursor.to_list(limit + 1)
    page: dict[str, Any] = {"documents": to_json(found[:limit]), "count": min(len(found), limit)}
    return {**page, "more": True} if len(found) > limit else page
