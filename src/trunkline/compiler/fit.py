"""Input schemas of a size that a model can be shown."""

from collections.abc import Callable
from typing import TypeVar

import jsonschema_rs
import msgspec

from trunkline.compiler.document import BrokenDescription
from trunkline.compiler.level import LEVELS, Level
from trunkline.compiler.node import Node, strings
from trunkline.compiler.schema import MORE, TooLarge, cut, size
from trunkline.selection import tokens

_TOKENS = 2_000  # of o200k_base: the most that an input schema costs
_SURELY_FITS = 4_000  # bytes: no schema has a token for every two
_CUTS = (5, 4, 3, 2, 1, 0)  # depths at which required arguments are cut, as far as the size asks for it
Rest = TypeVar("Rest")


def fit(at_level: Callable[[Level], tuple[Node, Rest]]) -> tuple[Node, Rest]:
    """The input schema, and what belongs to it, at the richest level that is small enough.

    `at_level` raises TooLarge or BrokenDescription; this raises BrokenDescription.
    """
    shaped: tuple[Node, Rest] | None = None
    for level in LEVELS:
        try:
            shaped = at_level(level)
        except TooLarge:
            continue
        if _fits(shaped[0], level.size):
            return _checked(shaped[0]), shaped[1]
    if shaped is None:
        raise BrokenDescription("its inputs have no end")
    return _bounded(_checked(shaped[0])), shaped[1]


def _fits(schema: Node, limit: int) -> bool:
    length = size(schema)
    return length <= limit and (length <= _SURELY_FITS or _count(schema) <= _TOKENS)


def _count(schema: Node) -> int:
    return tokens.count(msgspec.json.encode(schema).decode())


def _checked(schema: Node) -> Node:
    """`schema`, which must be one: raises BrokenDescription."""
    try:
        jsonschema_rs.meta.validate(schema)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise BrokenDescription(f"its input schema is not valid: {error}") from error
    return schema


def _bounded(schema: Node) -> Node:
    """Where even the poorest level is too large, optional arguments are left unlisted, the last first.

    The plan still knows them, so a schema cut in this way does not forbid them. Of what is required and still too large
    only the upper part is shown, the largest first.
    """
    limit = min(LEVELS[-1].size, size(schema) * _TOKENS // _count(schema))  # as many bytes as the tokens allow
    out = {key: value for key, value in schema.items() if key != "additionalProperties"} | {MORE: 0}
    properties = out["properties"] = dict(schema["properties"])
    required = strings(schema, "required")
    for name in [name for name in reversed(properties) if name not in required]:
        del properties[name]
        out[MORE] += 1
        if size(out) <= limit:
            return out
    for depth in _CUTS:
        for name in sorted(properties, key=lambda name: size(properties[name]), reverse=True):
            properties[name] = cut(properties[name], depth)
            if size(out) <= limit:
                return out
    return out
