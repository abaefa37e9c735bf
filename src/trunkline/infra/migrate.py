"""Runs the migrations packaged beside this file. Imports alembic: see `database.prepare`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine

from trunkline.contract import InvalidSettings

SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(path: Path) -> None:
    """Brings the SQLite file `path` to the newest revision. Raises `InvalidSettings` for an unknown one."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            command.upgrade(config(connection), "head")
    except CommandError as fault:
        raise InvalidSettings(
            f"The database {path} is of another version of Trunkline: {fault}.",
            "Use that version, or another data directory.",
        ) from None
    finally:
        engine.dispose()


def config(connection: object) -> Config:
    """Alembic's configuration, without a file; `connection` is handed to `migrations/env.py`."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made
