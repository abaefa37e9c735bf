"""Keys of any kind, and the server itself."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract import Effect, tool
from trunkline.modules.data.redis.session import Count, Key, Session

Kind = Literal["string", "hash", "list", "set", "zset", "stream"]


class Keys(Session):
    """Keys of any kind."""

    @tool(effect=Effect.READ)
    async def scan_keys(
        self,
        pattern: Annotated[str, "Glob pattern: user:*"] = "*",
        cursor: Annotated[str, Meta(pattern="^[0-9]+$"), '`cursor` of the answer before; "0" to begin'] = "0",
        count: Count = 100,
        kind: Annotated[Kind | None, "Keys of this kind only"] = None,
    ) -> dict[str, Any]:
        """List keys that match a pattern, about `count` looked at per call; go on until `cursor` is \"0\"."""
        of_kind = ("TYPE", kind) if kind else ()
        following, found = await self.run("SCAN", cursor, "MATCH", pattern, "COUNT", count, *of_kind)
        return {"keys": found, "cursor": str(following)}

    @tool(effect=Effect.READ)
    async def type(self, key: Key) -> dict[str, Any]:
        """Tell what kind of value a key holds, and in how many seconds it expires (-1 never, -2 no such key)."""
        return {"type": str(await self.run("TYPE", key)), "ttl": await self.run("TTL", key)}

    @tool(effect=Effect.READ)
    async def exists(self, keys: Annotated[list[str], Meta(min_length=1)]) -> int:
        """Count how many of the keys exist."""
        return int(await self.run("EXISTS", *keys))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def expire(self, key: Key, seconds: Annotated[int, Meta(ge=1)]) -> bool:
        """Let a key expire in so many seconds; false where there is no such key."""
        return bool(await self.run("EXPIRE", key, seconds))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def persist(self, key: Key) -> bool:
        """Take a key's expiry away."""
        return bool(await self.run("PERSIST", key))

    @tool(effect=Effect.DELETE)
    async def rename(self, key: Key, new_key: Key) -> bool:
        """Rename a key; a key that has the new name is replaced."""
        return bool(await self.run("RENAME", key, new_key))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def delete(self, keys: Annotated[list[str], Meta(min_length=1)]) -> int:
        """Delete keys of any kind; the answer says how many existed."""
        return int(await self.run("UNLINK", *keys))


class Server(Session):
    """The server itself."""

    @tool(effect=Effect.READ)
    async def dbsize(self) -> int:
        """Count the keys of the database."""
        return int(await self.run("DBSIZE"))

    @tool(effect=Effect.READ)
    async def info(
        self,
        section: Annotated[
            Literal["server", "clients", "memory", "persistence", "stats", "replication", "cpu", "keyspace", "default"],
            "Which part",
        ] = "default",
    ) -> dict[str, Any]:
        """Show the server's figures: version, memory, clients, persistence, replication."""
        return dict(await self.run("INFO", section))

    @tool(effect=Effect.READ)
    async def client_list(self) -> list[dict[str, str]]:
        """List the clients that are connected to the server."""
        return list(await self.run("CLIENT LIST"))

    @tool(effect=Effect.READ)
    async def slowlog(self, count: Annotated[int, Meta(ge=1, le=128)] = 10) -> list[dict[str, Any]]:
        """List the slowest commands that the server remembers, with their durations in microseconds."""
        return list(await self.run("SLOWLOG GET", count))

    @tool(effect=Effect.READ)
    async def memory_usage(self, key: Key) -> int | None:
        """Tell how many bytes a key and its value take."""
        return await self.run("MEMORY USAGE", key)

    @tool(effect=Effect.WRITE)
    async def publish(self, channel: str, message: str) -> int:
        """Publish a message to a channel; the answer says how many subscribers got it."""
        return int(await self.run("PUBLISH", channel, message))
