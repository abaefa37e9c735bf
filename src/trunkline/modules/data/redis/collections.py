"""Lists, sets and sorted sets."""

from typing import Annotated

from msgspec import Meta

from trunkline.contract import Effect, tool
from trunkline.modules.data.redis.session import Count, Key, Session, Value

Values = Annotated[list[Value], Meta(min_length=1, max_length=1000), "The values"]
Start = Annotated[int, "First place, from 0; negative counts from the end"]
Stop = Annotated[int, "Last place, included; -1 is the end"]
_MOST = 1000


class Lists(Session):
    """Values in order."""

    @tool(effect=Effect.READ)
    async def lrange(self, key: Key, start: Start = 0, stop: Stop = 99) -> list[str]:
        """Get a part of a list, by default its first 100 items."""
        return list(await self.run("LRANGE", key, start, stop))

    @tool(effect=Effect.READ)
    async def llen(self, key: Key) -> int:
        """Count the items of a list."""
        return int(await self.run("LLEN", key))

    @tool(effect=Effect.WRITE)
    async def lpush(self, key: Key, values: Values) -> int:
        """Put values at the beginning of a list; the answer is its length."""
        return int(await self.run("LPUSH", key, *values))

    @tool(effect=Effect.WRITE)
    async def rpush(self, key: Key, values: Values) -> int:
        """Put values at the end of a list; the answer is its length."""
        return int(await self.run("RPUSH", key, *values))

    @tool(effect=Effect.DELETE)
    async def lpop(self, key: Key, count: Count = 1) -> list[str]:
        """Take items from the beginning of a list."""
        return list(await self.run("LPOP", key, count) or ())

    @tool(effect=Effect.DELETE)
    async def rpop(self, key: Key, count: Count = 1) -> list[str]:
        """Take items from the end of a list."""
        return list(await self.run("RPOP", key, count) or ())

    @tool(effect=Effect.DELETE)
    async def lrem(self, key: Key, value: Value, count: Annotated[int, "0: all of them"] = 0) -> int:
        """Remove items that equal a value; the answer says how many."""
        return int(await self.run("LREM", key, count, value))


class Sets(Session):
    """Values without order, each once."""

    @tool(effect=Effect.READ)
    async def smembers(self, key: Key) -> list[str]:
        """Get the members of a set, in order."""
        return sorted(await self.run("SMEMBERS", key))

    @tool(effect=Effect.READ)
    async def sismember(self, key: Key, value: Value) -> bool:
        """Tell whether a set has a member."""
        return bool(await self.run("SISMEMBER", key, value))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def sadd(self, key: Key, values: Values) -> int:
        """Add members to a set; the answer says how many are new."""
        return int(await self.run("SADD", key, *values))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def srem(self, key: Key, values: Values) -> int:
        """Remove members of a set; the answer says how many there were."""
        return int(await self.run("SREM", key, *values))


class SortedSets(Session):
    """Members with scores."""

    @tool(effect=Effect.READ)
    async def zrange(
        self,
        key: Key,
        start: Start = 0,
        stop: Stop = 99,
        descending: Annotated[bool, "Highest score first"] = False,
    ) -> dict[str, float]:
        """Get members with their scores by rank, by default the first 100."""
        order = ("REV",) if descending else ()
        return _scores(await self.run("ZRANGE", key, start, stop, *order, "WITHSCORES"))

    @tool(effect=Effect.READ)
    async def zrangebyscore(
        self,
        key: Key,
        lowest: Annotated[float | None, "No bound where it is left out"] = None,
        highest: Annotated[float | None, "No bound where it is left out"] = None,
        count: Count = 100,
    ) -> dict[str, float]:
        """Get members with their scores, between two scores."""
        low = "-inf" if lowest is None else lowest
        high = "+inf" if highest is None else highest
        found = await self.run("ZRANGE", key, low, high, "BYSCORE", "LIMIT", 0, min(count, _MOST), "WITHSCORES")
        return _scores(found)

    @tool(effect=Effect.READ)
    async def zscore(self, key: Key, member: str) -> float | None:
        """Get the score of a member; null where there is none."""
        found = await self.run("ZSCORE", key, member)
        return None if found is None else float(found)

    @tool(effect=Effect.READ)
    async def zcard(self, key: Key) -> int:
        """Count the members of a sorted set."""
        return int(await self.run("ZCARD", key))

    @tool(effect=Effect.WRITE, idempotent=True)
    async def zadd(self, key: Key, scores: Annotated[dict[str, float], Meta(min_length=1), "Scores by member"]) -> int:
        """Add members, or change their scores; the answer says how many are new."""
        return int(await self.run("ZADD", key, *(part for member, score in scores.items() for part in (score, member))))

    @tool(effect=Effect.DELETE, idempotent=True)
    async def zrem(self, key: Key, members: Annotated[list[str], Meta(min_length=1)]) -> int:
        """Remove members; the answer says how many there were."""
        return int(await self.run("ZREM", key, *members))


def _scores(found: list[tuple[str, float]] | list[list[str | float]]) -> dict[str, float]:
    return {str(member): float(score) for member, score in found}
