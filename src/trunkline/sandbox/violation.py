"""What is wrong with a request."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

Where = Literal["path", "query", "header", "cookie", "body"]

_STATUS = {"host": 404, "route": 404, "method": 405, "credential": 401, "media type": 415, "syntax": 400}
_PRECEDENCE = (404, 405, 401, 415, 400, 422)


class Violation(msgspec.Struct, frozen=True):
    """One departure from the description. Never holds a value that was sent: those may be secret.

    `pointer` (RFC 6901) starts with the parameter's name, or at the body's root; `rule` is a JSON Schema keyword or
    one of: host, route, method, credential, media type, syntax, unknown, repeated.
    """

    where: Where
    pointer: str
    rule: str
    expected: str
    got: str = ""


def status_of(violations: Sequence[Violation]) -> int:
    """The status a service would refuse with: the most fundamental violation decides; 422 for values."""
    found = {_STATUS.get(violation.rule, 422) for violation in violations}
    return next(status for status in _PRECEDENCE if status in found)


def pointer(*steps: object) -> str:
    """A JSON pointer (RFC 6901) of `steps`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def kind_of(value: Any) -> str:
    """The JSON type of `value`, with its size: what may be said of a value without showing it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return f"string of {len(value)} characters"
        case list():
            return f"array of {len(value)} items"  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return "object"
