"""Shapes of a service model -> JSON Schemas, as components of an OpenAPI 3.1 document.

So what bounds OpenAPI schemas bounds these too. Patterns are left out: botocore does not check them either, and some
refuse what the services accept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trunkline.compiler.aws.model import Model
from trunkline.compiler.document import Document
from trunkline.compiler.node import Node, child, children, nodes, strings

_REF = "#/components/schemas/"
_MOST_CHOICES = 60
_SHOWN_CHOICES = 4
# A second endpoint that spans regions is signed by SigV4A, which needs more than botocore's own code.
_NOT_SERVED = frozenset(("EndpointId",))
_LIMITS = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "integer": ("minimum", "maximum"),
    "long": ("minimum", "maximum"),
    "float": ("minimum", "maximum"),
    "double": ("minimum", "maximum"),
}
_TYPES: dict[str, Node] = {
    "string": {"type": "string"},
    "character": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "timestamp": {"type": "string", "format": "date-time"},
    "blob": {"type": "string", "format": "byte"},  # base64
}
FILE: Node = {
    "type": ["string", "object"],
    "properties": {"content_base64": {"type": "string", "format": "byte"}},
    "required": ["content_base64"],
}


def document(model: Model) -> Document:
    """Every shape of `model` as a schema."""
    schemas = {name: _schema(shape) for name, shape in model.shapes.items()}
    return Document({"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}})


@dataclass(frozen=True)
class Argument:
    """`as_text`: it is sent as text, where an empty list or map cannot be said."""

    name: str
    schema: Node
    required: bool
    as_text: bool


def arguments(model: Model, operation: Node) -> Iterator[Argument]:
    """The arguments of `operation`.

    A blob that is the whole body may be given as text: most are. A token against repetition is made where it is
    missing.
    """
    shape = model.shape(child(operation, "input"))
    required = set(strings(shape, "required"))
    as_text = model.metadata.get("protocol") in ("query", "ec2", "rest-xml")
    for name, member in nodes(shape, "members").items():
        if child(member, "contextParam").get("name") in _NOT_SERVED:
            continue
        is_body = name == shape.get("payload") and model.shape(member).get("type") == "blob"
        schema = FILE | _described(member) if is_body else reference(member)
        needed = name in required and not member.get("idempotencyToken")
        said_as_text = as_text or "location" in member
        if said_as_text and needed and model.shape(member).get("type") == "map":
            schema = schema | {"minProperties": 1}
        yield Argument(name, schema, needed, said_as_text)


def reference(member: Node) -> Node:
    """The schema of a member: its own text counts more than that of its shape."""
    if member.get("jsonvalue"):
        return _described(member)  # any JSON value
    return {"$ref": _REF + str(member.get("shape"))} | _described(member)


def _described(node: Node) -> Node:
    text = node.get("documentation")
    return {"description": text} if text else {}


def _schema(shape: Node) -> Node:
    kind = str(shape.get("type"))
    out = _described(shape) | _limits(shape, kind)
    if kind == "structure":
        return out | _structure(shape)
    if kind == "list":
        return out | {"type": "array", "items": reference(child(shape, "member"))}
    if kind == "map":
        return out | {"type": "object", "additionalProperties": reference(child(shape, "value"))}
    return out | _TYPES.get(kind, {}) | _choices(shape)


def _choices(shape: Node) -> Node:
    """Long lists (instance types, say) grow every week and would fill a tool: their beginning is shown."""
    choices = children(shape, "enum")
    if len(choices) <= _MOST_CHOICES:
        return {"enum": choices} if choices else {}
    return {"description": f"One of {len(choices)}, such as {', '.join(map(str, choices[:_SHOWN_CHOICES]))}."}


def _structure(shape: Node) -> Node:
    if shape.get("document"):
        return {}  # any JSON value
    members = nodes(shape, "members")
    out: Node = {"type": "object", "properties": {name: reference(member) for name, member in members.items()}}
    required = strings(shape, "required")
    out |= {"required": required} if required else {}
    return out | ({"minProperties": 1, "maxProperties": 1} if shape.get("union") else {})


def _limits(shape: Node, kind: str) -> Node:
    words = _LIMITS.get(kind, ())
    return {word: shape[key] for key, word in zip(("min", "max"), words, strict=False) if key in shape}
