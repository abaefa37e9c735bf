"""The part of a schema that says nothing of other schemas: type, text, enum, default, constraints."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeGuard

import jsonschema_rs
import msgspec

from trunkline.compiler.node import Node, children, is_list
from trunkline.compiler.text import plain

_TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array", "null"))
_ALONE = {name: frozenset((name,)) for name in _TYPES}
_MISNAMED = {
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "float": "number", "double": "number",
    "decimal": "number", "bool": "boolean", "str": "string", "date": "string", "datetime": "string", "uuid": "string",
    "timestamp": "string", "file": "string", "list": "array",
}  # fmt: skip
# Formats that say no more than the type does.
_VAIN_FORMATS = frozenset(("int32", "int64", "float", "double", "string", "integer", "number", "binary", "unix-time"))
_NUMBERS = (
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)
_CONSTRAINTS = frozenset((*_NUMBERS, "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "pattern"))
_LOW = frozenset(("minLength", "minItems", "minProperties"))
_ENOUGH = {"maxLength": 1_000, "maxItems": 1_000, "maxProperties": 1_000, "maximum": 2**31 - 1}
_DEFAULT_SIZE = 80
_EXAMPLE_SIZE = 40
_PATTERN_SIZE = 250
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})")
# As JavaScript writes it, which could never match as a pattern. Its flag is lost: no pattern carries one before 2025.
_LITERAL = re.compile(r"\A/(\^.*\$)/i?\Z")
_ANCHORS = re.compile(r"\\([AZz])")


def types(flat: Node) -> frozenset[str]:
    """The JSON types a schema names, or those its other keywords imply; empty if it leaves it open."""
    named = flat.get("type")
    if isinstance(named, str) and named in _ALONE:
        return _ALONE[named]
    names = named if is_list(named) else [named] if named else []
    found = {_MISNAMED.get(str(name), str(name)) for name in names}
    known = found & _TYPES
    if known or found:
        return frozenset(known)
    if "properties" in flat or isinstance(flat.get("additionalProperties"), dict):
        return frozenset(("object",))
    return frozenset(("array",)) if "items" in flat else frozenset()


def shape(flat: Node, text: int) -> Node:
    """The scalar part of `flat` as JSON Schema 2020-12, its description cut to `text` characters."""
    out: Node = {}
    kinds = _with_null(flat, types(flat))
    if kinds:
        out["type"] = kinds[0] if len(kinds) == 1 else kinds
    description = plain(flat.get("description"), text)
    if description:
        out["description"] = description
    for words, read in _SAID:
        if not flat.keys().isdisjoint(words):  # as most are: a look costs less than a reading
            out |= read(flat, kinds)
    return out


def _with_null(flat: Node, kinds: frozenset[str]) -> list[str]:
    if len(kinds) < 2 and not flat.get("nullable"):
        return list(kinds)
    order = sorted(kinds, key=lambda kind: (kind == "null", kind))
    enum = children(flat, "enum")
    nullable = flat.get("nullable") and "null" not in order and (not enum or None in enum)
    return [*order, "null"] if order and nullable else order


def _choices(flat: Node, kinds: list[str]) -> Node:
    if "const" in flat:
        return {"const": flat["const"]}
    enum = children(flat, "enum")
    if enum and kinds == ["string"] and set(map(type, enum)) == {str}:
        return {"enum": list(enum)}  # as nearly all are, and some have hundreds
    fitting = [value for value in enum if not kinds or _fits(value, kinds)]
    fitting = fitting or [value for each in enum if (value := _converted(each, kinds)) is not None]
    return {"enum": fitting} if fitting else {}


def _converted(value: object, kinds: list[str]) -> object:
    """A choice as the declared type has it (`type: string` with numbers, `type: integer` with texts); None if it cannot
    be said."""
    if "string" in kinds and isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    if isinstance(value, str) and {"integer", "number"} & set(kinds) and _NUMBER.fullmatch(value):
        return msgspec.json.decode(value)
    return None


def _constraints(flat: Node, kinds: list[str]) -> Node:
    out: Node = {}
    for word in _NUMBERS:
        value = flat.get(word)
        if _is_number(value) and not (word in _LOW and value == 0) and value <= _ENOUGH.get(word, value):
            out[word] = value
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = flat.get(word)
        if value is True and bound in out:
            out[word] = out.pop(bound)
        elif _is_number(value):
            out[word] = value
    if flat.get("uniqueItems") is True:
        out["uniqueItems"] = True
    pattern = _pattern(flat.get("pattern")) if "string" in kinds else ""
    if pattern:
        out["pattern"] = pattern
    return out


def _hints(flat: Node, kinds: list[str]) -> Node:
    out: Node = {}
    form = flat.get("format")
    if isinstance(form, str) and form not in _VAIN_FORMATS and "string" in kinds:
        out["format"] = form
    default = flat.get("default")
    if (
        "default" in flat
        and default is not None
        and _is_small(default, _DEFAULT_SIZE)
        and _may_be(default, flat, kinds)
    ):
        out["default"] = default
    example = flat.get("example")
    if "pattern" in flat and isinstance(example, str) and "string" in kinds and _is_small(example, _EXAMPLE_SIZE):
        out["examples"] = [example]
    return out


_SAID: tuple[tuple[frozenset[str], Callable[[Node, list[str]], Node]], ...] = (
    (frozenset(("const", "enum")), _choices),
    (_CONSTRAINTS, _constraints),
    (frozenset(("format", "default", "example")), _hints),
)


def _may_be(value: object, flat: Node, kinds: list[str]) -> bool:
    enum = children(flat, "enum")
    return _fits(value, kinds) and (not enum or value in enum)


def _fits(value: object, kinds: list[str]) -> bool:
    if not kinds:
        return True
    if value is None or isinstance(value, bool):
        return ("null" if value is None else "boolean") in kinds
    if isinstance(value, int | float):
        return "number" in kinds or ("integer" in kinds and float(value).is_integer())
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in kinds


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_small(value: object, limit: int) -> bool:
    return len(msgspec.json.encode(value)) <= limit


@lru_cache(maxsize=4096)
def _pattern(pattern: object) -> str:
    """A pattern as ECMA-262, which JSON Schema asks for; "" if it is none or too long to be of use."""
    if not isinstance(pattern, str) or len(pattern) > _PATTERN_SIZE:
        return ""
    plain = _LITERAL.sub(r"\1", pattern)
    plain = _ANCHORS.sub(lambda anchor: {"A": "^", "Z": "$", "z": "$"}[anchor.group(1)], plain)
    try:
        jsonschema_rs.Draft202012Validator({"type": "string", "pattern": plain})
    except (jsonschema_rs.ValidationError, ValueError):
        return ""
    return plain
