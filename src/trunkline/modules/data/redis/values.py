"""Strings, hashes and JSON documents."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from trunkline.contract import Effect, tool
from trunkline.modules.data.redis.session import Key, Seconds, Session, Value

Field = Annotated[str, "Name of the field"]
JsonPath = Annotated[str, "JSONPath; $ is the whole document"]


class Strings(Session):
    """Text and counters."""

    @tool(effect=Effect.READ)
    async def get(self, key: Key) -> str | None:
        """Get the value of a string key; null where there is none."""
        return await self.run("GET", key)

    @tool(effect=Effect.READ)
    async def mget(self, keys: Annotated[list[str], Meta(min_length=1, max_length=1000)]) -> list[str | None]:
        """Get the values of several string keys, in order."""
        return list(await self.run("MGET", *keys))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def set(
        self,
        key: Key,
        value: Value,
        expire_seconds: Seconds = None,
        only_if_new: Annotated[bool, "Leave a key that exists as it is"] = False,
    ) -> bool:
        """Set a string key; false where it was left as it was."""
        options: list[str | int] = [
            *(("EX", expire_seconds) if expire_seconds else ()),
            *(("NX",) if only_if_new else ()),
        ]
        return bool(await self.run("SET", key, value, *options))

    @tool(effect=Effect.WRITE)
    async def incr(self, key: Key, by: Annotated[int, "May be negative"] = 1) -> int:
        """Add to the whole number that a string key holds; the answer is the sum."""
        return int(await self.run("INCRBY", key, by))

    @tool(effect=Effect.WRITE)
    async def append(self, key: Key, value: Value) -> int:
        """Add text to the end of a string key; the answer is its length."""
        return int(await self.run("APPEND", key, value))


class Hashes(Session):
    """Fields with values under one key."""

    @tool(effect=Effect.READ)
    async def hget(self, key: Key, field: Field) -> str | None:
        """Get one field of a hash; null where there is none."""
        return await self.run("HGET", key, field)

    @tool(effect=Effect.READ)
    async def hgetall(self, key: Key) -> dict[str, str]:
        """Get all fields of a hash."""
        return dict(await self.run("HGETALL", key))

    @tool(effect=Effect.READ)
    async def hexists(self, key: Key, field: Field) -> bool:
        """Tell whether a hash has a field."""
        return bool(await self.run("HEXISTS", key, field))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def hset(
        self,
        key: Key,
        fields: Annotated[dict[str, str | int | float], Meta(min_length=1), "Values by field"],
        expire_seconds: Seconds = None,
    ) -> int:
        """Set fields of a hash; the answer says how many are new."""
        new = int(await self.run("HSET", key, *(part for pair in fields.items() for part in pair)))
        if expire_seconds:
            await self.run("EXPIRE", key, expire_seconds)
        return new

    @tool(effect=Effect.WRITE)
    async def hincrby(self, key: Key, field: Field, by: int = 1) -> int:
        """Add to the whole number that a field of a hash holds; the answer is the sum."""
        return int(await self.run("HINCRBY", key, field, by))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def hdel(self, key: Key, fields: Annotated[list[str], Meta(min_length=1)]) -> int:
        """Delete fields of a hash; the answer says how many there were."""
        return int(await self.run("HDEL", key, *fields))


class Json(Session):
    """Documents, on servers with the JSON module."""

    @tool(effect=Effect.READ)
    async def json_get(self, key: Key, path: JsonPath = "$") -> msgspec.Raw | None:
        """Get the parts of a JSON document that a path selects."""
        found = await self.run("JSON.GET", key, path)
        return None if found is None else msgspec.Raw(found if isinstance(found, bytes) else str(found).encode())

    @tool(effect=Effect.WRITE, idempotent=True)
    async def json_set(self, key: Key, value: Annotated[Any, "Any JSON value"], path: JsonPath = "$") -> bool:
        """Set a JSON document, or the part of it that a path selects."""
        return bool(await self.run("JSON.SET", key, path, msgspec.json.encode(value).decode()))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def json_del(self, key: Key, path: JsonPath = "$") -> int:
        """Delete a JSON document, or the parts of it that a path selects."""
        return int(await self.run("JSON.DEL", key, path))
