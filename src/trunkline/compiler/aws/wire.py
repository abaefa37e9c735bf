"""What botocore's serializers and parsers need of a service model for one operation, and nothing else."""

import zlib

import msgspec

from trunkline.compiler.aws.model import Model, references
from trunkline.compiler.node import Node, child

_METADATA = (
    "apiVersion", "endpointPrefix", "jsonVersion", "protocol", "protocols", "serviceId", "signatureVersion",
    "signingName", "targetPrefix", "xmlNamespace", "awsQueryCompatible", "auth",
)  # fmt: skip
_OPERATION = (
    "name", "http", "input", "output", "authtype", "auth", "unsignedPayload", "endpoint", "httpChecksum",
    "httpChecksumRequired", "endpointoperation",
)  # fmt: skip
_SHAPE = (
    "type", "payload", "timestampFormat", "xmlNamespace", "flattened", "streaming", "jsonvalue",
    "document", "union", "locationName", "member", "key", "value", "members",
)  # fmt: skip
_REFERENCE = (
    "shape", "location", "locationName", "queryName", "flattened", "streaming", "timestampFormat", "xmlNamespace",
    "xmlAttribute", "jsonvalue", "hostLabel", "idempotencyToken", "contextParam", "resultWrapper",
)  # fmt: skip
_PLAIN = frozenset(("string", "integer", "long", "boolean", "double", "float", "timestamp", "blob"))


def wire_model(model: Model, name: str) -> bytes:
    """A service description (format 2.0) with the one operation `name`: JSON, compressed by zlib.

    Shapes that say nothing but their type are one shape.
    """
    operation = model.operations[name]
    names = _needed(model, operation)
    called = {each: _called(each, model.shapes[each]) for each in names}
    shapes = {called[each]: _shape(model.shapes[each], called) for each in names}
    kept = {key: operation[key] for key in _OPERATION if key in operation}
    kept |= {side: _reference(child(operation, side), called) for side in ("input", "output") if side in operation}
    description = {
        "metadata": {key: model.metadata[key] for key in _METADATA if key in model.metadata},
        "operations": {name: kept},
        "shapes": shapes,
    }
    return zlib.compress(msgspec.json.encode(description), 9)


def _needed(model: Model, operation: Node) -> list[str]:
    """Names of the shapes that input and output reach."""
    found: dict[str, None] = {}
    waiting = [str(operation[side]["shape"]) for side in ("input", "output") if side in operation]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += [str(reference["shape"]) for reference in references(model.shapes[name])]
    return list(found)


def _called(name: str, shape: Node) -> str:
    plain = shape["type"] in _PLAIN and not any(key in shape for key in _SHAPE if key != "type")
    return f"-{shape['type']}" if plain else name  # no shape of a service has a dash in its name


def _shape(shape: Node, called: dict[str, str]) -> Node:
    kept: Node = {key: shape[key] for key in _SHAPE if key in shape}
    kept |= {key: _reference(shape[key], called) for key in ("member", "key", "value") if key in shape}
    if "members" in shape:
        kept["members"] = {name: _reference(member, called) for name, member in shape["members"].items()}
    return kept


def _reference(reference: Node, called: dict[str, str]) -> Node:
    return {key: reference[key] for key in _REFERENCE if key in reference} | {"shape": called[reference["shape"]]}
