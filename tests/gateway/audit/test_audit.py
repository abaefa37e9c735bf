"""Every call leaves an intent and an outcome; no row can be changed, dropped or put in without a trace."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from trunkline.contract import AllowedCall, AuditUnavailable, ConnectionRef, Effect, Principal
from trunkline.gateway.audit import AuditLog, verify
from trunkline.gateway.audit.row import COLUMNS
from trunkline.infra import database, tables


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database.prepare(tmp_path / "t.db")
    return tmp_path / "t.db"


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


def rows(path: Path, columns: str = "kind, call, code") -> list[tuple[object, ...]]:
    connection = database.connect(path)
    try:
        return connection.execute(f"SELECT {columns} FROM audit ORDER BY seq").fetchall()  # noqa: S608
    finally:
        connection.close()


def tamper(path: Path, statement: str) -> None:
    connection = database.connect(path)
    connection.execute(statement)
    connection.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition is a row in a file
            await asyncio.sleep(0.01)


async def test_a_call_leaves_an_intent_and_an_outcome(path: Path):
    log = AuditLog(path)
    await log.start()
    await log.intent(call(1))
    log.outcome("call-1", "ok", 201, 12.3456)
    await log.close()
    assert rows(path) == [("open", "", ""), ("intent", "call-1", ""), ("outcome", "call-1", "ok"), ("close", "", "")]
    assert rows(path, "status, ms")[2] == (201, 12.346)


async def test_rows_hold_no_arguments_but_their_digest(path: Path):
    log = AuditLog(path)
    await log.start()
    await log.intent(call(1))
    await log.close()
    stored = rows(path, "*")[1]
    assert "hush" not in repr(stored)
    assert rows(path, "organization, connection")[1] == ("local", "connection-1")


async def test_a_call_that_may_change_something_waits_for_the_disk(path: Path):
    log = AuditLog(path)
    await log.start()
    await log.intent(call(1, Effect.WRITE))
    assert rows(path)[-1] == ("intent", "call-1", "")
    await log.close()


async def test_a_read_does_not_wait_but_its_row_follows(path: Path):
    log = AuditLog(path)
    await log.start()
    await log.intent(call(1))
    assert len(rows(path)) == 1
    await until(lambda: len(rows(path)) == 2)
    await log.close()


async def test_calls_at_once_share_a_commit_and_stay_in_order(path: Path):
    log = AuditLog(path)
    await log.start()
    await asyncio.gather(*(log.intent(call(number, Effect.WRITE)) for number in range(500)))
    await log.close()
    assert [row[1] for row in rows(path)[1:-1]] == [f"call-{number}" for number in range(500)]
    assert verify(path).intact


async def test_a_refused_call_is_recorded(path: Path):
    log = AuditLog(path)
    await log.start()
    log.refused(Principal("owner", "local"), "github_delete_repo", "policy_denied")
    await log.close()
    assert rows(path, "kind, tool, subject, code")[1] == ("refused", "github_delete_repo", "owner", "policy_denied")


async def test_no_call_is_made_while_the_log_cannot_be_written_and_rows_are_kept(path: Path):
    log = AuditLog(path)
    await log.start()
    tamper(path, "ALTER TABLE audit RENAME TO away")
    with pytest.raises(AuditUnavailable):
        await log.intent(call(1, Effect.WRITE))
    with pytest.raises(AuditUnavailable):
        await log.intent(call(2, Effect.READ))
    assert not log.writable
    log.outcome("call-0", "ok", 200, 1.0)
    tamper(path, "ALTER TABLE away RENAME TO audit")
    await until(lambda: len(rows(path)) == 3)
    await until(lambda: log.writable)
    await log.intent(call(3, Effect.WRITE))
    await log.close()
    assert [row[1] for row in rows(path)] == ["", "call-1", "call-0", "call-3", ""]
    assert verify(path).intact


async def test_a_caller_that_gives_up_while_waiting_harms_nobody(path: Path):
    log = AuditLog(path)
    await log.start()
    async with asyncio.TaskGroup() as group:
        given_up = group.create_task(log.intent(call(1, Effect.WRITE)))
        await asyncio.sleep(0)
        given_up.cancel()
        group.create_task(log.intent(call(2, Effect.WRITE)))
    await log.close()
    assert verify(path).intact
    assert len(rows(path)) == 4


async def written(path: Path) -> None:
    log = AuditLog(path)
    await log.start()
    for number in range(5):
        await log.intent(call(number))
    await log.close()


async def test_an_untouched_log_is_intact(path: Path):
    await written(path)
    await written(path)
    verdict = verify(path)
    assert verdict.intact
    assert (verdict.rows, verdict.chains, verdict.unclosed) == (14, 2, ())


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE audit SET subject = 'somebody' WHERE position = 2", "the row was changed"),
        ("UPDATE audit SET at = at + 1 WHERE position = 2", "the row was changed"),
        ("DELETE FROM audit WHERE position = 2", "rows are missing: position 2 was expected"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE position = 2", "the row was changed"),
    ],
)
async def test_tampering_is_found(path: Path, statement: str, reason: str):
    await written(path)
    tamper(path, statement)
    assert reason in {broken.reason for broken in verify(path).breaks}


async def test_a_log_cut_at_its_end_is_not_taken_for_a_closed_one(path: Path):
    await written(path)
    tamper(path, "DELETE FROM audit WHERE position > 3")
    assert len(verify(path).unclosed) == 1


async def test_a_row_added_after_the_end_is_found(path: Path):
    await written(path)
    columns = ", ".join(COLUMNS[2:])
    tamper(path, f"INSERT INTO audit (chain, position, {columns}) SELECT chain, 7, {columns} FROM audit LIMIT 1")  # noqa: S608
    assert verify(path).breaks[0].reason == "a row after the closing one"


def test_the_columns_are_those_of_the_table():
    assert ("seq", *COLUMNS) == tuple(column.name for column in tables.audit.columns)


async def test_a_database_without_the_table_cannot_be_started_on(tmp_path: Path):
    database.connect(tmp_path / "empty.db").close()
    log = AuditLog(tmp_path / "empty.db")
    with pytest.raises(AuditUnavailable):
        await log.start()
    await log.close()
    with pytest.raises(sqlite3.Error):
        verify(tmp_path / "empty.db")
