"""What was done: calls, and acts of administration."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, text

from trunkline.infra.tables.metadata import metadata

# A database uses a partial index only where a query says the same, word for word.
CALLS: Final = text("kind IN ('intent', 'refused')")  # rows that say who called what
FAULTS: Final = text("code NOT IN ('', 'ok')")  # rows that say how a call failed, or why it was refused


_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")  # a row id of SQLite's has 64 bits by itself


def _where(condition: Any) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


# One row per event of a call, never changed. Per gateway process the rows form a hash chain: `hash` covers the row
# and the hash before it. Kinds: open, intent, outcome, refused, close.
audit = Table(
    "audit",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("chain", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("arguments", Text, nullable=False),  # sha256 of the arguments, never the arguments
    Column("code", Text, nullable=False),  # ok, or the code of the fault
    Column("status", Integer, nullable=False),  # HTTP status of the service, 0 where there is none
    Column("ms", Float, nullable=False),
    Column("toolset", Text, nullable=False, server_default=""),  # the name in the URL; empty: all tools
    Column("hash", LargeBinary, nullable=False),
    Index(None, "call"),
    Index(None, "organization", "at", **_where(CALLS)),
    Index(None, "organization", "subject", "at", **_where(CALLS)),
    Index(None, "organization", "service", "at", **_where(CALLS)),
    Index(None, "at", **_where(FAULTS)),
)

# Administrative acts, never changed: sign-in, refused token, connect, disconnect, rotate. No secret in any column.
events = Table(
    "events",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("organization", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the subject who acted; empty where nobody is known
    Column("act", Text, nullable=False),  # noun.verb: session.begin, connection.delete
    Column("target", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # ok, refused, or the code of a fault
    Column("detail", Text, nullable=False),  # JSON object
    Index(None, "organization", "seq"),
)
