"""Every call leaves an intent and an outcome; no row can be changed, dropped or put in without a trace."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support import databases
from trunkline.contract import AllowedCall, AuditUnavailable, ConnectionRef, DatabaseUnavailable, Effect, Principal
from trunkline.gateway.audit import AuditLog
from trunkline.gateway.audit.chain import verify
from trunkline.gateway.audit.row import COLUMNS
from trunkline.infra import database, tables
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import Location


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """A database of either kind, without tables."""
    if request.param == "sqlite":
        return tmp_path / "t.db"
    return databases.empty(request.getfixturevalue("postgresql_port"))


@pytest.fixture
def where(bare: Location) -> Location:
    database.prepare(bare)
    return bare


def call(number: int, effect: Effect = Effect.READ) -> AllowedCall:
    return AllowedCall(
        id=f"call-{number}",
        tool="github_create_issue",
        service="github",
        category="code",
        effect=effect,
        idempotent=False,
        arguments=b'{"title": "hush"}',
        subject="owner",
        organization="local",
        hosts=("api.github.com",),
        deadline=0.0,
        connection=ConnectionRef("connection-1", 1, "github"),
    )


def rows(where: Location, columns: str = "kind, call, code") -> list[tuple[object, ...]]:
    engine = plain_engine(where)
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {columns} FROM audit ORDER BY seq")).all()  # noqa: S608
    engine.dispose()
    return [tuple(row) for row in found]


def tamper(where: Location, statement: str) -> None:
    engine = plain_engine(where)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition is a row in a file
            await asyncio.sleep(0.01)


async def test_a_call_leaves_an_intent_and_an_outcome(where: Location):
    log = AuditLog(where)
    await log.start()
    await log.intent(call(1))
    log.outcome("call-1", "ok", 201, 12.3456)
    await log.close()
    assert rows(where) == [("open", "", ""), ("intent", "call-1", ""), ("outcome", "call-1", "ok"), ("close", "", "")]
    assert rows(where, "status, ms")[2] == (201, 12.346)


async def test_rows_hold_no_arguments_but_their_digest(where: Location):
    log = AuditLog(where)
    await log.start()
    await log.intent(call(1))
    await log.close()
    stored = rows(where, "*")[1]
    assert "hush" not in repr(stored)
    assert rows(where, "organization, connection")[1] == ("local", "connection-1")


async def test_d11_a_row_says_which_connection_served_and_that_it_is_the_shared_one(where: Location):
    log = AuditLog(where)
    await log.start()
    await log.intent(call(1))
    await log.intent(replace(call(2), connection=ConnectionRef("connection-2", 1, "github", shared=True)))
    await log.intent(replace(call(3), connection=None))
    await log.close()
    assert [row[0] for row in rows(where, "connection")[1:-1]] == ["connection-1", "shared:connection-2", ""]


async def test_a_call_that_may_change_something_waits_for_the_disk(where: Location):
    log = AuditLog(where)
    await log.start()
    await log.intent(call(1, Effect.WRITE))
    assert rows(where)[-1] == ("intent", "call-1", "")
    await log.close()


async def test_a_read_does_not_wait_but_its_row_follows(where: Location):
    log = AuditLog(where)
    await log.start()
    await log.intent(call(1))
    assert len(rows(where)) == 1
    await until(lambda: len(rows(where)) == 2)
    await log.close()


async def test_calls_at_once_share_a_commit_and_stay_in_order(where: Location):
    log = AuditLog(where)
    await log.start()
    await asyncio.gather(*(log.intent(call(number, Effect.WRITE)) for number in range(500)))
    await log.close()
    assert [row[1] for row in rows(where)[1:-1]] == [f"call-{number}" for number in range(500)]
    assert verify(where).intact


async def test_a_refused_call_is_recorded(where: Location):
    log = AuditLog(where)
    await log.start()
    log.refused(Principal("owner", "local"), "github_delete_repo", "policy_denied")
    await log.close()
    assert rows(where, "kind, tool, subject, code")[1] == ("refused", "github_delete_repo", "owner", "policy_denied")


async def test_no_call_is_made_while_the_log_cannot_be_written_and_rows_are_kept(where: Location):
    log = AuditLog(where)
    await log.start()
    tamper(where, "ALTER TABLE audit RENAME TO away")
    with pytest.raises(AuditUnavailable):
        await log.intent(call(1, Effect.WRITE))
    with pytest.raises(AuditUnavailable):
        await log.intent(call(2, Effect.READ))
    assert not log.writable
    log.outcome("call-0", "ok", 200, 1.0)
    tamper(where, "ALTER TABLE away RENAME TO audit")
    await until(lambda: len(rows(where)) == 3)
    await until(lambda: log.writable)
    await log.intent(call(3, Effect.WRITE))
    await log.close()
    assert [row[1] for row in rows(where)] == ["", "call-1", "call-0", "call-3", ""]
    assert verify(where).intact


async def test_a_caller_that_gives_up_while_waiting_harms_nobody(where: Location):
    log = AuditLog(where)
    await log.start()
    async with asyncio.TaskGroup() as group:
        given_up = group.create_task(log.intent(call(1, Effect.WRITE)))
        await asyncio.sleep(0)
        given_up.cancel()
        group.create_task(log.intent(call(2, Effect.WRITE)))
    await log.close()
    assert verify(where).intact
    assert len(rows(where)) == 4


async def written(where: Location) -> None:
    log = AuditLog(where)
    await log.start()
    for number in range(5):
        await log.intent(call(number))
    await log.close()


async def test_an_untouched_log_is_intact(where: Location):
    await written(where)
    await written(where)
    verdict = verify(where)
    assert verdict.intact
    assert (verdict.rows, verdict.chains, verdict.unclosed) == (14, 2, ())


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE audit SET subject = 'somebody' WHERE position = 2", "the row was changed"),
        ("UPDATE audit SET at = at + 1 WHERE position = 2", "the row was changed"),
        ("DELETE FROM audit WHERE position = 2", "rows are missing: position 2 was expected"),
        (
            "UPDATE audit SET hash = (SELECT hash FROM audit WHERE position = 1) WHERE position = 2",
            "the row was changed",
        ),
    ],
)
async def test_tampering_is_found(where: Location, statement: str, reason: str):
    await written(where)
    tamper(where, statement)
    assert reason in {broken.reason for broken in verify(where).breaks}


async def test_a_log_cut_at_its_end_is_not_taken_for_a_closed_one(where: Location):
    await written(where)
    tamper(where, "DELETE FROM audit WHERE position > 3")
    assert len(verify(where).unclosed) == 1


async def test_a_row_added_after_the_end_is_found(where: Location):
    await written(where)
    columns = ", ".join(COLUMNS[2:])
    tamper(where, f"INSERT INTO audit (chain, position, {columns}) SELECT chain, 7, {columns} FROM audit LIMIT 1")  # noqa: S608
    assert verify(where).breaks[0].reason == "a row after the closing one"


def test_the_columns_are_those_of_the_table():
    assert ("seq", *COLUMNS) == tuple(column.name for column in tables.audit.columns)


async def test_a_database_without_the_table_cannot_be_started_on(bare: Location):
    log = AuditLog(bare)
    with pytest.raises(AuditUnavailable):
        await log.start()
    await log.close()
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        verify(bare)


async def test_what_a_caller_calls_a_tool_can_always_be_written(where: Location):
    log = AuditLog(where)
    await log.start()
    log.refused(Principal("owner", "local"), "no\0such\ttool\\N\n\u2028", "not_found")
    await log.close()
    (tool,) = (row[1] for row in rows(where, "kind, tool") if row[0] == "refused")
    assert str(tool).replace("\ufffd", "\0") == "no\0such\ttool\\N\n\u2028"
    assert verify(where).intact
