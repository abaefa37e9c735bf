"""Body properties that the description does not know.

JSON Schema lets an object hold anything beside what it declares, but a service's description that lists its fields
means these: a name that is not among them is a misspelling. So an object schema that declares properties and says
nothing of `additionalProperties` is read as closed; one that says so, or declares nothing, stays open.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from trunkline.sandbox.document import Document, Json, Node, is_array, is_object
from trunkline.sandbox.violation import Violation, pointer

_MAX_DEPTH = 12


def undeclared(document: Document, schema: Json, value: Json) -> list[Violation]:
    """A violation for each property, at any depth, that no part of `schema` declares."""
    return [Violation("body", path, "unknown", "no such property") for path in _walk(document, [schema], value, "", 0)]


def _walk(document: Document, schemas: list[Json], value: Json, at: str, depth: int) -> Iterator[str]:
    parts = [part for schema in schemas for part in _parts(document, schema, 0)]
    if depth > _MAX_DEPTH:
        return
    if is_object(value):
        yield from _walk_object(document, parts, cast("Mapping[str, Json]", value), at, depth)
    elif is_array(value):
        items = [part["items"] for part in parts if is_object(part.get("items"))]
        for index, child in enumerate(value):
            yield from _walk(document, items, child, f"{at}/{index}", depth + 1)


def _walk_object(
    document: Document, parts: list[Node], value: Mapping[str, Json], at: str, depth: int
) -> Iterator[str]:
    declaring = [part for part in parts if is_object(part.get("properties"))]
    closed = bool(declaring) and not any(map(_is_open, parts))
    used = {name for part in parts for name in _used(part)}
    for name, child in value.items():
        schemas = [part["properties"][name] for part in declaring if name in part["properties"]]
        if schemas:
            yield from _walk(document, schemas, child, at + pointer(name), depth + 1)
        elif closed and name not in used:
            yield at + pointer(name)


def _used(part: Node) -> Iterator[str]:
    """Names the description uses without declaring them: in `required`, in its example."""
    for names in (part.get("required"), part.get("example")):
        if is_array(names) or is_object(names):
            yield from map(str, names)


def _parts(document: Document, schema: Json, depth: int) -> Iterator[Node]:
    """`schema` and everything it is composed of, flat."""
    node = document.node(schema)
    yield node
    if depth < _MAX_DEPTH:
        for word in ("allOf", "anyOf", "oneOf"):
            for part in cast("list[Json]", node.get(word) or []):
                yield from _parts(document, part, depth + 1)


def _is_open(part: Node) -> bool:
    """Whether a part admits properties by other names. `additionalProperties: false` is the validator's to judge."""
    extra = part.get("additionalProperties")
    if extra is not None:
        return extra is not False
    return "patternProperties" in part or (part.get("type") == "object" and not _says_more(part))


def _says_more(part: Node) -> bool:
    return any(word in part for word in ("properties", "allOf", "anyOf", "oneOf", "required", "not"))
