"""What PostgreSQL's errors mean to a caller (SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from trunkline.contract import (
    CredentialRejected,
    Fault,
    InvalidArguments,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)

_WRITES: Final = "This tool only reads. write_sql changes data."
_HINTS: Final = {
    "25006": _WRITES,
    "0A000": _WRITES,  # DECLARE CURSOR of a WITH that changes data
    "42601": "execute_sql takes one query (SELECT, WITH, VALUES, TABLE); write_sql takes what changes something.",
    "42501": "The connected role may not do this: connect with another role, or grant it the right.",
    "42P01": "list_objects shows the tables and views of a schema.",
    "42703": "get_object_details shows the columns of a table.",
    "42883": "There is no such function for these types: a cast may help.",
}
_REFUSED: Final = ("password authentication failed", "no password supplied", "role ", "pg_hba.conf")


def fault_of(error: Exception) -> Fault:
    """The fault for an error of psycopg or its pool."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    text = _message(error)
    if isinstance(error, psycopg.errors.QueryCanceled):
        return UpstreamTimeout(text, "Ask for less: a filter, an index, a smaller table. explain_query shows the plan.")
    if state is None:
        return _not_connected(error, text)
    if state[:2] == "28":
        return CredentialRejected(text)
    if state in ("25006", "0A000") or state[:2] in ("42", "22", "26", "34"):
        return InvalidArguments(text, _HINTS.get(state, "Correct the statement, then call again."))
    if state[:2] in ("08", "53", "57"):
        return UpstreamUnavailable(text, "Wait a little, then call again.")
    return UpstreamFailed(text, _HINTS.get(state, ""))


def _not_connected(error: Exception, text: str) -> Fault:
    """Before there is a session there is no SQLSTATE, only libpq's text."""
    if isinstance(error, PoolTimeout):
        return UpstreamUnavailable("no connection to PostgreSQL became free in time", "Call again in a moment.")
    if isinstance(error, psycopg.OperationalError):
        if any(sign in text for sign in _REFUSED):
            return CredentialRejected(text)
        return UpstreamUnavailable(text, "Check host, port and sslmode of the connection; then call again.")
    return InvalidArguments(text, "Correct the statement or its parameters; $1 stands for the first parameter.")


def _message(error: Exception) -> str:
    if not isinstance(error, psycopg.Error) or error.diag.message_primary is None:
        return f"PostgreSQL: {' '.join(str(error).split())}"
    diag = error.diag
    parts = (diag.message_primary, diag.message_detail, diag.message_hint)
    return f"PostgreSQL: {'; '.join(part for part in parts if part)}"
