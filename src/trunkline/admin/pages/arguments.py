"""A form made from a tool's input schema, and the arguments that a filled-in one gives.

What is a string, a number, a yes or no, one of a few, or a list of strings has an input of its own; anything deeper is
written as JSON. An input that is left empty is an argument that is not given.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

import msgspec

from trunkline.contract import InvalidArguments
from trunkline.infra.http.web import Fields

Kind = Literal["text", "long", "integer", "number", "boolean", "choice", "texts", "json"]
Node = Mapping[str, Any]

OTHERS: Final = "others"  # the input for arguments without one of their own: a JSON object
_PREFIX: Final = "argument."
_MOST: Final = 40  # inputs: a form may have only so many fields
_CHOICES: Final = 100
_TYPES: Final[Mapping[str, Kind]] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_LONG: Final = ("body", "text", "content", "message", "description", "comment", "html", "markdown")
_FORM: Final = "Correct the form and send it again."


class Input(msgspec.Struct, frozen=True):
    """One argument. `name` is the argument's, `field` the form's; `value` what was written into it."""

    name: str
    field: str
    kind: Kind
    required: bool
    description: str
    choices: tuple[str, ...]
    value: str


def inputs(schema: Node, written: Fields) -> tuple[Input, ...]:
    """Required arguments first, each part in the schema's order; of very many, the first."""
    properties: Mapping[str, object] = schema.get("properties", {})
    required: Sequence[str] = schema.get("required", ())
    names = sorted(properties, key=lambda name: name not in required)[:_MOST]
    return tuple(_input(name, _node(properties[name]), written, required=name in required) for name in names)


def arguments(schema: Node, written: Fields) -> dict[str, Any]:
    """What the form gives. Raises InvalidArguments, naming the input that does not fit."""
    given = {each.name: _read(each) for each in inputs(schema, written) if each.value.strip()}
    others = written.get(OTHERS).strip()
    if not others:
        return given
    more = _json("Other arguments", others)
    if not isinstance(more, dict):
        raise InvalidArguments("Other arguments: a JSON object is expected.", _FORM)
    return {**cast("dict[str, Any]", more), **given}


def _input(name: str, schema: Node, written: Fields, *, required: bool) -> Input:
    kind = _kind(name, schema)
    choices = tuple(schema["enum"]) if kind == "choice" else ()
    field, description = _PREFIX + name, schema.get("description", "")
    return Input(name, field, kind, required, description, choices, written.get(field).replace("\r\n", "\n"))


def _kind(name: str, schema: Node) -> Kind:
    if _are_texts(schema.get("enum")):
        return "choice"
    type = _type(schema)
    if type == "array":
        return "texts" if _type(_node(schema.get("items"))) == "string" else "json"
    if type == "string" and name.lower().rsplit("_", 1)[-1] in _LONG:
        return "long"
    return _TYPES.get(type, "json")


def _type(schema: Node) -> str:
    """The one type, beside null: a string where that or another plain value is taken; "" for what is more than one."""
    types = _types(schema) - {"null"}
    if "string" in types and types <= _TYPES.keys():
        return "string"
    return next(iter(types)) if len(types) == 1 else ""


def _types(schema: Node) -> set[str]:
    """Those that are said, "" among them where none is."""
    if forms := schema.get("anyOf") or schema.get("oneOf"):
        return set[str]().union(*(_types(_node(form)) for form in forms))
    said = schema.get("type", "")
    return set(cast("list[str]", said if isinstance(said, list) else [said]))


def _are_texts(enum: object) -> bool:
    values = cast("list[object]", enum) if isinstance(enum, list) else []
    return 0 < len(values) <= _CHOICES and all(isinstance(each, str) for each in values)


def _node(schema: object) -> Node:
    """A schema may be `true`."""
    return cast("Node", schema) if isinstance(schema, dict) else {}


def _read(given: Input) -> Any:
    if given.kind in ("text", "long", "choice"):
        return given.value
    if given.kind == "texts":
        return [line.strip() for line in given.value.split("\n") if line.strip()]
    value = _json(given.name, given.value)
    if given.kind == "integer" and type(value) is not int:
        raise InvalidArguments(f"{given.name}: a whole number is expected.", _FORM)
    if given.kind == "number" and type(value) not in (int, float):
        raise InvalidArguments(f"{given.name}: a number is expected.", _FORM)
    return value


def _json(name: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text.strip())
    except (msgspec.DecodeError, RecursionError):
        raise InvalidArguments(f"{name}: this cannot be read.", _FORM) from None
