"""Arguments of the meta-tools, read leniently: models write `query` for `intents`, a text for a list, JSON in a string.

What cannot be meant is refused with the form that would do.

Each reading may fail for text that was passed on before: a number beyond all bounds, or nesting beyond the depth that
is left of the stack here.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

import msgspec

from trunkline.contract import InvalidArguments, ToolCall
from trunkline.gateway.view import moved_out, view_of

_NAME_WORDS: Final = ("name", "tool", "tool_name", "toolName")
_ARGUMENT_WORDS: Final = ("arguments", "args", "params", "parameters", "input", "tool_input")
_CALL_FORM: Final = 'Call it with {"name": "<tool>", "arguments": {…}}.'
_TEXTS_AT_MOST: Final = 20
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError)


def members(arguments: bytes) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, undecoded; nothing at all is an empty object. Raises InvalidArguments."""
    try:
        return msgspec.json.decode(arguments or b"{}", type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise InvalidArguments(f"The arguments are not a JSON object: {error}", "Pass an object.") from None
    except RecursionError:
        raise InvalidArguments("The arguments are nested too deep.", "Pass a flat object.") from None


def texts(given: Mapping[str, msgspec.Raw], words: Sequence[str], form: str) -> tuple[str, ...]:
    """The texts in the first member that is named one of `words`: a list, or one text.

    `form` is what to write instead, should there be none. Raises InvalidArguments.
    """
    for word in words:
        if word in given:
            found = _texts(given[word])
            if found:
                return found[:_TEXTS_AT_MOST]
    raise InvalidArguments(f"{words[0]} is missing or holds no text.", f"Call it with {form}.")


def text(given: Mapping[str, msgspec.Raw], words: Sequence[str]) -> str:
    """The text in the first member that is named one of `words`, "" if there is none."""
    found = next((_texts(given[word]) for word in words if word in given), ())
    return found[0] if found else ""


def number(given: Mapping[str, msgspec.Raw], words: Sequence[str], most: int) -> int | None:
    """A whole number from 1 to `most` (more becomes `most`), None if not given. Raises InvalidArguments."""
    raw = next((given[word] for word in words if word in given), None)
    if raw is None or bytes(raw) == b"null":
        return None
    try:
        value = msgspec.json.decode(raw, type=int, strict=False)
    except msgspec.DecodeError:
        value = 0
    if value < 1:
        raise InvalidArguments(f"{words[0]} must be a whole number from 1 to {most}.", "Leave it out, or correct it.")
    return min(value, most)


def call(arguments: bytes) -> ToolCall:
    """The call inside a call_tool; its arguments stay as they were written. Raises InvalidArguments."""
    given = members(arguments)
    name = text(given, _NAME_WORDS)
    if not name:
        raise InvalidArguments("name is missing: the tool to call.", _CALL_FORM)
    word = next((word for word in _ARGUMENT_WORDS if word in given), None)
    if word is not None:
        inner, cursor = moved_out(_object(given[word]))
        return ToolCall(name, inner, view_of(given, cursor))
    flat = {key: raw for key, raw in given.items() if key not in _NAME_WORDS}
    inner, cursor = moved_out(msgspec.json.encode(flat))  # the tool's own arguments, one level too high
    return ToolCall(name, inner, view_of({}, cursor))


def _object(raw: msgspec.Raw) -> bytes:
    """JSON text of an object: as it is, or out of a string that holds it."""
    data = bytes(raw).strip()
    if data.startswith(b'"'):
        data = msgspec.json.decode(data, type=str).strip().encode()
    if data in (b"", b"null"):
        return b"{}"
    try:
        msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except _UNREADABLE:
        raise InvalidArguments("arguments must be an object.", _CALL_FORM) from None
    return data


def _texts(raw: msgspec.Raw) -> tuple[str, ...]:
    try:
        value: object = msgspec.json.decode(raw)
    except _UNREADABLE:
        return ()
    if isinstance(value, str):
        value = _from_json(value)
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(item.strip() for item in items if isinstance(item, str) and item.strip())


def _from_json(value: str) -> object:
    """The list that `value` holds as JSON text, else `value`."""
    if not value.lstrip().startswith("["):
        return value
    try:
        return cast("object", msgspec.json.decode(value))
    except _UNREADABLE:
        return value
