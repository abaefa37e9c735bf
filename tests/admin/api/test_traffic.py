"""The last hour's calls, counted from the audit log."""

from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.admin.api.traffic import BEHIND, Traffic
from trunkline.infra.tables import audit

NOW = 1_800_000_030.0


@pytest.fixture
def engine(database: AsyncEngine) -> AsyncEngine:
    return database


def row(position: int, kind: str, at: float, **more: Any) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("call", "tool", "service", "effect", "subject", "organization", "connection", "arguments", "code"), ""
    )
    facts = {"chain": "c", "position": position, "at": at, "kind": kind, "status": 0, "ms": 0.0, "hash": b""}
    return {**texts, **facts, **more}


def call(
    number: int, at: float, code: str = "ok", ms: float = 10.0, organization: str = "acme"
) -> list[dict[str, Any]]:
    id = f"c-{number}"
    begun = row(2 * number, "intent", at, call=id, organization=organization)
    return [begun, row(2 * number + 1, "outcome", at, call=id, code=code, ms=ms)]


async def write(engine: AsyncEngine, rows: list[dict[str, Any]]) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(audit), rows)


async def test_calls_are_counted_by_minutes_and_by_how_they_ended(engine: AsyncEngine) -> None:
    await write(engine, [*call(1, NOW - 60), *call(2, NOW), *call(3, NOW, "upstream_failed")])
    await write(engine, [row(9, "refused", NOW, organization="acme", code="policy_denied")])
    seen = await Traffic(engine, lambda: NOW).of("acme")
    assert (seen.calls, seen.failed) == (4, 2)
    assert [(minute.calls, minute.failed) for minute in seen.minutes[-2:]] == [(1, 0), (3, 2)]
    assert len(seen.minutes) == 60


async def test_an_organization_sees_its_own_calls_alone(engine: AsyncEngine) -> None:
    await write(engine, [*call(1, NOW), *call(2, NOW, organization="other")])
    traffic = Traffic(engine, lambda: NOW)
    assert (await traffic.of("acme")).calls == 1
    assert (await traffic.of("nobody")).calls == 0


async def test_percentiles_are_right_within_an_eighth(engine: AsyncEngine) -> None:
    await write(engine, [each for n in range(100) for each in call(n, NOW, ms=float(n + 1))])
    seen = await Traffic(engine, lambda: NOW).of("acme")
    assert seen.p50 == pytest.approx(50, rel=0.125)
    assert seen.p95 == pytest.approx(95, rel=0.125)


async def test_what_comes_later_is_added_and_what_is_older_than_an_hour_goes(engine: AsyncEngine) -> None:
    clock = [NOW]
    traffic = Traffic(engine, lambda: clock[0])
    await write(engine, call(1, NOW))
    assert (await traffic.of("acme")).calls == 1
    await write(engine, call(2, NOW + 1800))
    clock[0] = NOW + 1800
    assert (await traffic.of("acme")).calls == 2
    clock[0] = NOW + 3600
    assert (await traffic.of("acme")).calls == 1


async def test_of_a_long_log_only_the_end_is_read_and_it_says_since_when(engine: AsyncEngine) -> None:
    begin = NOW - 30 * 60
    await write(engine, [each for n in range(BEHIND) for each in call(n, begin + n * 0.1)])
    seen = await Traffic(engine, lambda: NOW).of("acme")
    assert seen.calls == BEHIND / 2
    assert seen.since == pytest.approx(begin + BEHIND * 0.05, abs=1)
