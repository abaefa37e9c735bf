"""Which connections a person must look at."""

from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.connections.attention import attention
from trunkline.infra.tables import connections, grants

NOW, DAY = 1_800_000_000.0, 24 * 3600.0


async def connected(engine: AsyncEngine, id: str, organization: str = "acme", **grant: Any) -> None:
    row = {"id": id, "organization": organization, "version": 1, "key_version": 1, "sealed": b""}
    mine = {"subject": id, "service": id, "shared": False, "scheme": "", "variables": "", "created_at": NOW - 90 * DAY}
    facts: dict[str, Any] = {"provider": "p", "state": "active", "reason": "", "since": 1, "account": f"me@{id}"}
    facts |= {"asked": "[]", "variables": "{}", "expires_at": NOW + 3600, "refreshed_at": NOW, "claim": ""}
    facts |= {"claimed_until": 0.0, "interrupted": 0, "failures": 0, "retry_at": 0.0}
    async with engine.begin() as connection:
        await connection.execute(insert(connections).values(**row, **mine, updated_at=NOW - 30 * DAY))
        await connection.execute(insert(grants).values(**row, **{**facts, **grant}))


async def test_consents_that_are_over_fail_to_renew_or_end_soon_for_good_are_told(engine: AsyncEngine) -> None:
    await connected(engine, "over", state="renew", reason="taken back")
    await connected(engine, "failing", failures=3)
    await connected(engine, "ending", expires_at=NOW + 2 * DAY, refreshed_at=0.0)
    await connected(engine, "renews-itself")
    await connected(engine, "later", expires_at=NOW + 30 * DAY, refreshed_at=0.0)
    found = {each.service: (each.why, each.account) for each in await attention(engine, "acme", NOW)}
    assert found == {
        "over": ("over", "me@over"), "failing": ("failing", "me@failing"), "ending": ("ending", "me@ending"),
    }  # fmt: skip


async def test_those_of_another_organization_are_not(engine: AsyncEngine) -> None:
    await connected(engine, "over", "other", state="renew")
    assert await attention(engine, "acme", NOW) == ()
