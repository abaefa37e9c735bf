"""What only a server can do to the audit log: take a commit and lose the answer, or go away between two."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import databases
from trunkline.gateway.audit.chain import verify
from trunkline.gateway.audit.row import Event
from trunkline.gateway.audit.server_store import ServerStore
from trunkline.gateway.audit.store import NotWritten
from trunkline.infra import database, postgresql
from trunkline.infra.location import PostgreSQL


@pytest.fixture
def where(postgresql_port: int) -> PostgreSQL:
    made = databases.empty(postgresql_port)
    database.prepare(made)
    return made


def events(first: int, count: int) -> list[Event]:
    return [Event(float(number), "intent", call=f"call-{number}") for number in range(first, first + count)]


def end_sessions(where: PostgreSQL) -> None:
    """As an administrator, or a server that stops, does."""
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    with postgresql.connect(where) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}".encode())  # noqa: S608


def calls(where: PostgreSQL) -> list[Any]:
    with postgresql.connect(where) as connection:
        return [row[0] for row in connection.execute("SELECT call FROM audit ORDER BY seq").fetchall()]


def test_a_batch_that_failed_comes_again_and_is_written_once(where: PostgreSQL) -> None:
    store = ServerStore(where, "one")
    store.append(events(0, 2), durable=True)
    end_sessions(where)
    with pytest.raises(NotWritten):
        store.append(events(2, 2), durable=True)
    store.append(events(2, 3), durable=True)
    store.close()
    assert calls(where) == [f"call-{number}" for number in range(5)]
    assert verify(where).intact


class LostAnswer(ServerStore):
    """Its next commit is made, and its connection breaks before it hears of that."""

    lose = False

    def _append(self, events: Any, *, durable: bool) -> None:
        before = (self._position, self._hash)
        super()._append(events, durable=durable)
        if self.lose:
            self.lose = False
            self._position, self._hash = before
            raise psycopg.OperationalError("the connection is lost")


def test_a_commit_whose_answer_was_lost_is_not_made_twice(where: PostgreSQL) -> None:
    store = LostAnswer(where, "one")
    store.append(events(0, 2), durable=True)
    store.lose = True
    with pytest.raises(NotWritten):
        store.append(events(2, 2), durable=True)
    store.append(events(2, 3), durable=False)
    store.append(events(5, 1), durable=True)
    store.close()
    assert calls(where) == [f"call-{number}" for number in range(6)]
    assert verify(where).intact


def test_the_first_commit_may_be_the_one_whose_answer_was_lost(where: PostgreSQL) -> None:
    store = LostAnswer(where, "one")
    store.lose = True
    with pytest.raises(NotWritten):
        store.append(events(0, 2), durable=True)
    store.append(events(0, 3), durable=True)
    store.close()
    assert calls(where) == ["call-0", "call-1", "call-2"]
    assert verify(where).intact


def test_two_gateways_write_side_by_side(where: PostgreSQL) -> None:
    stores = [ServerStore(where, name) for name in ("one", "two")]
    for turn in range(5):
        for store in stores:
            store.append(events(turn * 10, 10), durable=turn % 2 == 0)
    for store in stores:
        store.close()
    verdict = verify(where)
    assert (verdict.rows, verdict.chains, verdict.breaks) == (100, 2, ())


def test_a_server_that_is_away_is_said_and_no_secret_with_it(tmp_path: Path, where: PostgreSQL) -> None:
    wrong = PostgreSQL(where.url.replace("canary-password", "canary-other"))
    with pytest.raises(NotWritten) as raised:
        ServerStore(wrong, "one").append(events(0, 1), durable=True)
    assert "canary" not in str(raised.value)
