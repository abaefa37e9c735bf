"""Streams: entries that are added, read, and handed out to groups of consumers."""

from typing import Annotated, Any

from msgspec import Meta

from trunkline.contract import Effect, tool
from trunkline.modules.data.redis.session import Count, Key, Session

Group = Annotated[str, "Name of the consumer group"]
Ids = Annotated[list[str], Meta(min_length=1), "Ids of the entries"]


class Streams(Session):
    """Entries in the order of their ids."""

    @tool(effect=Effect.READ)
    async def xrange(
        self,
        key: Key,
        start: Annotated[str, "Id to begin with; - is the first"] = "-",
        end: Annotated[str, "Id to end with; + is the last"] = "+",
        count: Count = 100,
    ) -> list[dict[str, Any]]:
        """Get entries of a stream between two ids."""
        return _entries(await self.run("XRANGE", key, start, end, "COUNT", count))

    @tool(effect=Effect.READ)
    async def xlen(self, key: Key) -> int:
        """Count the entries of a stream."""
        return int(await self.run("XLEN", key))

    @tool(effect=Effect.WRITE)
    async def xadd(
        self,
        key: Key,
        fields: Annotated[dict[str, str | int | float], Meta(min_length=1), "Values by field"],
        max_length: Annotated[int, Meta(ge=1), "Drop the oldest entries beyond about so many"] | None = None,
    ) -> str:
        """Add an entry to a stream; the answer is its id."""
        bound = ("MAXLEN", "~", max_length) if max_length else ()
        return str(await self.run("XADD", key, *bound, "*", *(part for pair in fields.items() for part in pair)))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def xdel(self, key: Key, ids: Ids) -> int:
        """Delete entries of a stream; the answer says how many there were."""
        return int(await self.run("XDEL", key, *ids))

    @tool(effect=Effect.WRITE)
    async def xgroup_create(
        self, key: Key, group: Group, start: Annotated[str, "Entries after this id; $ is new ones only"] = "$"
    ) -> bool:
        """Create a consumer group of a stream, and the stream where it is new."""
        return bool(await self.run("XGROUP CREATE", key, group, start, "MKSTREAM"))

    @tool(effect=Effect.WRITE)
    async def xreadgroup(
        self, key: Key, group: Group, consumer: Annotated[str, "Who reads"], count: Count = 10
    ) -> list[dict[str, Any]]:
        """Take new entries for one consumer of a group; they are pending until xack."""
        found = await self.run("XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", key, ">")
        streams: dict[str, Any] = dict(found or ())
        return [entry for entries in streams.values() for entry in _entries(entries)]

    @tool(effect=Effect.WRITE, idempotent=True)
    async def xack(self, key: Key, group: Group, ids: Ids) -> int:
        """Say that a group is done with entries; the answer says how many were pending."""
        return int(await self.run("XACK", key, group, *ids))


def _entries(found: Any) -> list[dict[str, Any]]:
    """[(id, {field: value})], from either version of the protocol."""
    entries = (
        found[0] if found and isinstance(found[0], list) and found[0] and isinstance(found[0][0], tuple) else found
    )
    return [{"id": identity, "fields": fields} for identity, fields in entries or ()]
