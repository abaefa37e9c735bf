"""The cursor: where in the answers of one call to go on. Any replica understands it, for it says all by itself.

It is no secret and need not be sealed: it can only say what the caller could say with the tool's own arguments for
pages, and is refused where it says anything else (`category/paging.py`).
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Final

import msgspec

from trunkline.category.encode import Json
from trunkline.contract import CURSOR_PREFIX, InvalidArguments

_HINT: Final = "Repeat the call as it was, with the cursor of its answer; or leave the cursor out to begin anew."
Scalar = str | int | float | bool
Query = tuple[tuple[str, str], ...]


class Position(msgspec.Struct, frozen=True, array_like=True):
    """`arguments` and `query` lead to a page; of its answer, the first `offset` parts of the value at `path` were
    given already: items of a list, entries of an object, characters of a text."""

    arguments: dict[str, Scalar] = {}
    query: Query = ()
    path: tuple[str | int, ...] = ()
    offset: int = 0


class _Written(msgspec.Struct, frozen=True, array_like=True):
    check: int
    position: Position


_decode = msgspec.msgpack.Decoder(_Written).decode


def write(position: Position, tool: str, arguments: Mapping[str, Json]) -> str:
    """The cursor for `position` in the answers of this call."""
    data = msgspec.msgpack.encode(_Written(_check(tool, arguments), position))
    return CURSOR_PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(cursor: str, tool: str, arguments: Mapping[str, Json]) -> Position:
    """The position in the answers of this call. Raises InvalidArguments."""
    text = cursor.removeprefix(CURSOR_PREFIX)
    try:
        written = _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidArguments("this is not a cursor that an answer gave", _HINT) from None
    if written.check != _check(tool, arguments):
        raise InvalidArguments("the cursor is of another call: its tool or its arguments were different", _HINT)
    if written.position.offset < 0:
        raise InvalidArguments("this is not a cursor that an answer gave", _HINT)
    return written.position


def _check(tool: str, arguments: Mapping[str, Json]) -> int:
    """Tells the calls apart, so that a slip is told; it need not withstand more."""
    return zlib.crc32(msgspec.json.encode([tool, arguments], order="sorted"))
