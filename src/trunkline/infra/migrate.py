"""Runs the migrations packaged beside this file. Imports alembic: see `database.prepare`.

`python -m trunkline.infra.migrate` writes `schema.sql` anew, after a new migration.
"""

import tempfile
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from trunkline.contract import InvalidSettings
from trunkline.infra.database import HEAD, SCHEMA, connect
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import Location

SCRIPTS = Path(__file__).with_name("migrations")


_LOCK = 0x7472756E6B6C696E  # "trunklin": who holds it migrates, or looks whether there is anything to migrate


def upgrade(where: Location) -> None:
    """Brings the database to the newest revision, or leaves it as it was. Raises `InvalidSettings` for an unknown one.

    On PostgreSQL the lock ends with the transaction, so that a process that is killed holds nobody up.
    """
    engine = plain_engine(where)
    try:
        with engine.begin() as connection:
            _alone(connection)
            command.upgrade(config(connection), "head")
    except CommandError as fault:
        raise InvalidSettings(
            f"The database {where} is of another version of Trunkline: {fault}.",
            "Use that version, or another database.",
        ) from None
    finally:
        engine.dispose()


def _alone(connection: Connection) -> None:
    """Of several gateways that start at once, one migrates; a file has a lock beside it (`database`)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def snapshot() -> str:
    """The schema that all migrations make, as SQL: the content of `schema.sql`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        upgrade(path)
        with closing(connect(path)) as connection:
            query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
            statements = [f"{row[0]};\n" for row in connection.execute(query)]
    head = "-- Written by `python -m trunkline.infra.migrate` from the migrations; a test compares.\n"
    return head + "".join(statements) + f"INSERT INTO alembic_version VALUES ('{HEAD}');\n"  # noqa: S608 - our own


def config(connection: object) -> Config:
    """Alembic's configuration, without a file; `connection` is handed to `migrations/env.py`."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


if __name__ == "__main__":
    SCHEMA.write_text(snapshot(), encoding="utf-8")
