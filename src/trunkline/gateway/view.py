"""How much of an answer is wanted, read from a call: leniently, as models write it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from trunkline.contract import CURSOR_PREFIX, Done, InvalidArguments, ToolCall, View

_OURS: Final = f'"{CURSOR_PREFIX}'.encode()
_PREFIX: Final = "_"  # of the words among a tool's own arguments, where it is called directly
_WORDS: Final = ("fields", "limit", "cursor", "max_tokens")
_MOST: Final = 10_000
_LEAST_TOKENS: Final = 100
_MOST_TOKENS: Final = 100_000
_FORM: Final = 'Like this: "fields": ["name", "owner.login"], "limit": 50, "cursor": "…", "max_tokens": 2000.'


def view_of(given: Mapping[str, msgspec.Raw], cursor: str = "") -> View | None:
    """The view that the members `given` ask for, None for the usual one. Raises InvalidArguments."""
    if not cursor and given.keys().isdisjoint(_WORDS):
        return None
    try:
        fields = msgspec.json.decode(given.get("fields", b"null"), type=list[str] | str | None)
        limit = msgspec.json.decode(given.get("limit", b"null"), type=int | None, strict=False)
        tokens = msgspec.json.decode(given.get("max_tokens", b"null"), type=int | None, strict=False)
        cursor = cursor or msgspec.json.decode(given.get("cursor", b"null"), type=str | None) or ""
    except (msgspec.DecodeError, RecursionError):
        raise InvalidArguments("fields, limit, cursor or max_tokens is of a wrong kind.", _FORM) from None
    names = fields.split(",") if isinstance(fields, str) else fields or []
    view = View(
        tuple(name.strip() for name in names if name.strip()),
        min(max(limit or 0, 0), _MOST),
        cursor,
        min(max(tokens, _LEAST_TOKENS), _MOST_TOKENS) if tokens else 0,
    )
    return None if view == _USUAL else view


_USUAL: Final = View()


def moved_out(arguments: bytes) -> tuple[bytes, str]:
    """The arguments without a cursor of ours that slipped in among them, and that cursor."""
    if _OURS not in arguments:
        return arguments, ""
    given = msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    ours = {key: raw for key, raw in given.items() if bytes(raw).startswith(_OURS)}
    name = next((key for key in ours if key.lstrip(_PREFIX) == "cursor"), None)
    if name is None:
        return arguments, ""
    del given[name]
    return msgspec.json.encode(given), msgspec.json.decode(ours[name], type=str)


def of_direct(call: ToolCall) -> ToolCall:
    """A call of a tool by its own name: `_fields`, `_limit`, `_cursor` and `_max_tokens` among its arguments are ours.

    Raises InvalidArguments.
    """
    if b'"_' not in call.arguments:
        return call
    given = msgspec.json.decode(call.arguments, type=dict[str, msgspec.Raw])
    ours = {word: given.pop(_PREFIX + word) for word in _WORDS if _PREFIX + word in given}
    return ToolCall(call.name, msgspec.json.encode(given), view_of(ours)) if ours else call


def with_way_on(end: Done, *, direct: bool) -> Done:
    """The end of a call whose answer goes on: its note says how, for the model to read."""
    result = end.result
    if not result.cursor:
        return end
    word = f'"_cursor": "{result.cursor}" among the arguments' if direct else f'"cursor": "{result.cursor}"'
    more = f"more: the same call with {word}"
    note = f"{result.note}; {more}" if result.note else more
    return msgspec.structs.replace(end, result=msgspec.structs.replace(result, note=note))
