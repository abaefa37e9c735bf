"""The embedded database: created, migrated, and never guessed at."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select

from trunkline.contract import InvalidSettings
from trunkline.infra import database, migrate, tables
from trunkline.infra.engine import open_engine


def test_migrations_make_exactly_the_tables(tmp_path: Path):
    path = tmp_path / "t.db"
    migrate.upgrade(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    engine.dispose()
    assert differences == []


def test_the_schema_of_a_new_database_is_what_the_migrations_make():
    assert database.SCHEMA.read_text() == migrate.snapshot()


def test_a_database_of_an_older_version_is_migrated(tmp_path: Path):
    path = tmp_path / "t.db"
    connection = database.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    migrate.upgrade(path)
    assert database.revision(path) == database.HEAD


def test_the_head_named_in_the_code_is_the_newest_migration():
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == database.HEAD


def test_a_new_database_is_in_write_ahead_mode_and_private(tmp_path: Path):
    path = tmp_path / "t.db"
    database.prepare(path)
    assert path.stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_several_starts_at_once_migrate_once(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        for start in range(20):
            path = tmp_path / f"{start}.db"
            list(pool.map(database.prepare, [path] * 8))
            assert database.revision(path) == database.HEAD


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path):
    path = tmp_path / "t.db"
    database.prepare(path)
    connection = database.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    connection.close()
    with pytest.raises(InvalidSettings, match="another version"):
        database.prepare(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "t.db"
    path.write_bytes(b"not a database, but long enough to look at" * 10)
    with pytest.raises(InvalidSettings, match="cannot be used"):
        database.prepare(path)


async def test_the_engine_reads_what_a_plain_connection_wrote(tmp_path: Path):
    path = tmp_path / "t.db"
    database.prepare(path)
    engine = open_engine(path)
    async with engine.connect() as connection:
        assert (await connection.execute(select(tables.connections))).all() == []
    await engine.dispose()
