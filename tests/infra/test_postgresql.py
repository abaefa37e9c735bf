"""PostgreSQL as the gateway's database: waited for within a bound, migrated once, its password never shown."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.support import databases, servers
from trunkline.contract import InvalidSettings
from trunkline.infra import database, migrate, postgresql, tables
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import PostgreSQL


@pytest.fixture
def where(postgresql_port: int) -> PostgreSQL:
    return databases.empty(postgresql_port)


def execute(where: PostgreSQL, statement: str) -> None:
    with postgresql.connect(where) as connection:
        connection.execute(statement.encode())


def test_migrations_make_exactly_the_tables(where: PostgreSQL) -> None:
    database.prepare(where)
    engine = plain_engine(where)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, tables.metadata)
    engine.dispose()
    assert differences == []
    assert database.revision(where) == database.HEAD


def test_several_gateways_that_start_at_once_migrate_once(where: PostgreSQL) -> None:
    assert database.revision(where) == ""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [where] * 4))  # each has seen that there is something to do
    assert database.revision(where) == database.HEAD


def test_a_database_of_a_newer_version_is_refused(where: PostgreSQL) -> None:
    database.prepare(where)
    execute(where, "UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(InvalidSettings, match="another version") as raised:
        database.prepare(where)
    assert servers.PASSWORD not in raised.value.message


def test_a_server_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    made = servers.cluster(tmp_path)
    opened = threading.Event()

    def look() -> str:
        postgresql.awaited(databases.named(made.port), 60).close()
        opened.set()
        return "let in"

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        assert not opened.wait(0.5), "nobody is there yet"
        with made.running():
            assert looking.result(60) == "let in"


def test_a_server_that_does_not_answer_is_refused_after_a_while() -> None:
    with pytest.raises(InvalidSettings, match=r"//postgres:\*\*\*@127\.0\.0\.1:1/postgres does not answer"):
        postgresql.awaited(databases.named(1), 0.3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((servers.PASSWORD, "canary-wrong"), "password authentication failed"),
        (("/test_", "/nobodys_"), "does not exist"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_said_at_once(
    where: PostgreSQL, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(InvalidSettings, match=said) as raised:
        postgresql.awaited(PostgreSQL(where.url.replace(*change)), 60)
    assert "canary" not in f"{raised.value.message} {raised.value.hint}"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:canary@host/name",
        "sqlite:///canary.db",
        "host=canary",
        "postgresql://",
        "postgresql://ann:ca%zznary@host/name",
        "postgresql://ann:can/ary@host:5432/name?bad=1",
    ],
)
def test_what_names_no_database_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidSettings, match="database_url is not accepted") as raised:
        postgresql.check(url)
    assert "postgresql://user:password@host:port/name" in raised.value.hint
    assert "canary" not in raised.value.message


def test_what_the_url_says_is_stronger_than_our_defaults() -> None:
    url = "postgres://ann@one.example,two.example/acme?connect_timeout=2&sslmode=verify-full"
    postgresql.check(url)
    given = postgresql.parameters(PostgreSQL(url))
    assert (given["host"], given["sslmode"], given["connect_timeout"]) == (
        "one.example,two.example",
        "verify-full",
        "2",
    )
    assert given["application_name"] == "trunkline"
