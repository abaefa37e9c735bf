"""JSON values as text, percent-encoded for the place they go to (RFC 3986)."""

import re
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus, unquote

import msgspec

from trunkline.contract import InvalidArguments

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PLAIN: Final = re.compile(r"[A-Za-z0-9_~-]+")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_HEADER_TEXT: Final = re.compile(r"[\x20-\x7e\t]*")
_NOT_PRINTABLE: Final = re.compile(r"[^\x20-\x7e]")
_DOT_SEGMENT: Final = re.compile(r"(?:^|[/\\])\.{1,2}(?:$|[/\\;?#])")
_RESERVED_IN_QUERY: Final = ":/?@!$'()*,;"  # of RFC 3986; not # & = + [ ], which would change what is asked
_EXACT_INTEGERS: Final = 2**53
_MAX_DECODINGS: Final = 3


def text(value: Json) -> str:
    """A value as one piece of text: strings as they are, numbers and booleans as in JSON, the rest as JSON text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return str(int(value))  # 1.0 is the integer 1 (JSON Schema 2020-12, section 4.2.3)
    return msgspec.json.encode(value).decode()


def segment(argument: str, value: str) -> str:
    """`value` as (part of) one path segment.

    Raises InvalidArguments for what a server might take for something else than a name, even after decoding it
    several times: control characters, and `.` or `..` as a segment of its own.
    """
    if _PLAIN.fullmatch(value):
        return value
    _refuse_traversal(argument, value)
    return _quoted(argument, value)


def segments(argument: str, value: str) -> str:
    """`value` as several path segments, its slashes kept (RFC 6570 `{+var}`). Raises InvalidArguments; for `//` too."""
    return "/".join(segment(argument, part) if part else _refuse_empty(argument) for part in value.split("/"))


def query(argument: str, value: str, *, allow_reserved: bool = False) -> str:
    """`value` for a query's name or value; `allow_reserved` as in OpenAPI."""
    return value if _PLAIN.fullmatch(value) else _quoted(argument, value, _RESERVED_IN_QUERY if allow_reserved else "")


def form(argument: str, value: str) -> str:
    """`value` for application/x-www-form-urlencoded (URL Standard): a blank becomes `+`."""
    try:
        return quote_plus(value)
    except UnicodeEncodeError:
        raise _not_text(argument) from None


def header(argument: str, value: str) -> str:
    """`value` for a header. Raises InvalidArguments for what is not printable ASCII (RFC 9110, section 5.5)."""
    if not _HEADER_TEXT.fullmatch(value):
        raise InvalidArguments(
            f"`{argument}` goes into a header: only printable ASCII characters on one line are accepted",
            "Leave out line breaks, control characters and letters outside ASCII.",
        )
    return value.strip(" \t")


def ascii_json(value: Json) -> str:
    """JSON text for a header: what is not printable ASCII is escaped (RFC 8259, section 7)."""
    return _NOT_PRINTABLE.sub(_escaped, msgspec.json.encode(value).decode())


def _escaped(match: re.Match[str]) -> str:
    """`\\uXXXX` for each unit of UTF-16."""
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _quoted(argument: str, value: str, safe: str = "") -> str:
    try:
        return quote(value, safe=safe)
    except UnicodeEncodeError:
        raise _not_text(argument) from None


def _refuse_traversal(argument: str, value: str) -> None:
    if not value:
        _refuse_empty(argument)
    for _ in range(_MAX_DECODINGS):
        if _CONTROLS.search(value) or _DOT_SEGMENT.search(value):
            raise InvalidArguments(
                f"`{argument}` goes into the path: control characters and the segments `.` and `..` are not accepted",
                "Give the plain name or id.",
            )
        decoded = unquote(value, errors="replace")
        if decoded == value:
            return
        value = decoded


def _refuse_empty(argument: str) -> str:
    raise InvalidArguments(f"`{argument}` goes into the path and must not be empty", "Give the plain name or id.")


def _not_text(argument: str) -> InvalidArguments:
    return InvalidArguments(f"`{argument}` holds half of a surrogate pair, which is not a character")
