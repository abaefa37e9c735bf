"""What MongoDB's errors mean to a caller (codes: https://www.mongodb.com/docs/manual/reference/error-codes/)."""

from typing import Any, Final

from bson.errors import BSONError
from pymongo import errors

from trunkline.contract import (
    CredentialRejected,
    Fault,
    InvalidArguments,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)

ERRORS: Final = (errors.PyMongoError, BSONError)
_AUTHENTICATION_FAILED: Final = 18
_UNAUTHORIZED: Final = 13
_MAX_TIME: Final = 50
_BAD_INPUT: Final = frozenset((2, 9, 14, 15, 16, 52, 54, 168, 17276, 40324, 40353))


def fault_of(error: Exception) -> Fault:
    """The fault for an error of pymongo or bson."""
    text = f"MongoDB: {_message(error)}"
    if isinstance(error, errors.BulkWriteError | errors.DuplicateKeyError):
        return UpstreamFailed(text, "Documents before the failing one were written. Look at what is there first.")
    if isinstance(error, errors.OperationFailure):
        return _refused(error, text)
    if isinstance(error, errors.ConfigurationError):
        return UpstreamUnavailable(text, "Check host, port, scheme and tls of the connection.")
    if isinstance(error, errors.ConnectionFailure):
        return UpstreamUnavailable(text, "Check host, port and tls of the connection; then call again.")
    return InvalidArguments(text, 'Documents are in Extended JSON: an id is {"$oid": "…"}, a date {"$date": "…"}.')


def _refused(error: errors.OperationFailure, text: str) -> Fault:
    if error.code == _AUTHENTICATION_FAILED:
        return CredentialRejected(text)
    if error.code == _MAX_TIME:
        return UpstreamTimeout(text, "Ask for less: a filter, an index, a limit. explain shows the plan.")
    if error.code == _UNAUTHORIZED:
        return UpstreamFailed(text, "The connected user may not do this: connect another, or grant it the role.")
    if error.code in _BAD_INPUT:
        return InvalidArguments(text, "Correct the filter, update or pipeline, then call again.")
    return UpstreamFailed(text)


def _message(error: Exception) -> str:
    """The server's own words, without pymongo's dump of the whole answer."""
    if isinstance(error, errors.BulkWriteError):
        wrong: list[dict[str, Any]] = (error.details or {}).get("writeErrors") or [{}]
        return f"{len(wrong)} writes failed; the first: {wrong[0].get('errmsg', 'unknown')}"
    if isinstance(error, errors.OperationFailure) and error.details and "errmsg" in error.details:
        return str(error.details["errmsg"])
    return " ".join(str(error).split())[:500]
