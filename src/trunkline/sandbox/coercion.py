"""Text (from a path, a query, a header or a form) read as the type its schema asks for."""

import math
import re
from collections.abc import Iterator

from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document, Json, Node, is_array

_ALL = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))
_INTEGER = re.compile(r"-?\d{1,40}")
_MAX_DEPTH = 12


def types_of(document: Document, schema: Json, depth: int = 0) -> frozenset[str]:
    """The JSON types a value of `schema` may have; all of them where the schema does not say."""
    node = document.node(schema)
    if depth > _MAX_DEPTH:
        return _ALL
    types = _own_types(node)
    for part in node.get("allOf") or ():
        types &= types_of(document, part, depth + 1)
    for word in ("anyOf", "oneOf"):
        if branches := node.get(word):
            types &= frozenset().union(*(types_of(document, branch, depth + 1) for branch in branches))
    return types | {"null"} if node.get("nullable") else types


def is_only(document: Document, schema: Json, kind: str) -> bool:
    """Whether every value of `schema` is of JSON type `kind`."""
    return types_of(document, schema) == frozenset((kind,))


def _own_types(node: Node) -> frozenset[str]:
    declared = node.get("type")
    listed = declared if is_array(declared) else [declared]
    names = frozenset(name for name in _ALL if name in listed)
    if names:
        return names | {"integer"} if "number" in names else names
    if "properties" in node:
        return frozenset(("object",))
    return frozenset(("array",)) if "items" in node else _ALL


def read_text(dialect: Dialect, schema: Json, text: str) -> Json:
    """The value `text` stands for: the first reading the schema accepts, else its first reading (to be refused)."""
    readings = list(_readings(text, types_of(dialect.document, schema)))
    if len(readings) == 1:
        return readings[0]
    return next((value for value in readings if dialect.is_valid(value, schema)), readings[0])


def _readings(text: str, types: frozenset[str]) -> Iterator[Json]:
    if "integer" in types and _INTEGER.fullmatch(text):
        yield int(text)
    elif "number" in types and (number := _number(text)) is not None:
        yield number
    if "boolean" in types and text in ("true", "false"):
        yield text == "true"
    if "null" in types and "string" not in types and text in ("", "null"):
        yield None
    yield text


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and not text.isspace() else None
