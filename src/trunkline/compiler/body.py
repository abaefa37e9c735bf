"""Request bodies -> arguments and the plan's body (OpenAPI 3.1, sections Request Body Object, Encoding Object)."""

from typing import Any

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.arguments import Inputs
from trunkline.compiler.document import Document
from trunkline.compiler.text import plain
from trunkline.contract import Body, BodyField

Node = dict[str, Any]

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_FLATTENED_AWAY = ("oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "dependentRequired", "dependentSchemas")
_FILE: Node = {
    "type": ["object", "string"],
    "properties": {"filename": {"type": "string"}, "content_base64": {"type": "string"}},
    "required": ["content_base64"],
    "description": "A file: {filename, content_base64}, or its text.",
}


def compile_body(method: str, operation: Node, inputs: Inputs) -> Body | None:
    """Adds the body's properties, or the body itself, to the arguments. None if the operation has no body.

    A body on GET or HEAD has no meaning (RFC 9110, section 9.3.1) and is left out unless it is required.
    """
    document = inputs.document
    request_body = document.resolve(operation.get("requestBody") or {})
    choice = _choose(request_body.get("content"))
    required = request_body.get("required") is True
    if choice is None or (method in ("GET", "HEAD") and not required):
        return None
    media_type, media = choice
    schema, _ = document.flatten(media.get("schema") or {})
    if _is_object(media_type) and _can_flatten(schema, inputs):
        return _fields(media_type, media, required, inputs)
    if not schema and not required:
        return None
    shaped = _FILE if _is_raw(media_type, schema) else inputs.shaper.argument(media["schema"] if schema else {})
    description = plain(request_body.get("description"), inputs.level.text)
    if description and "description" not in shaped:
        shaped = shaped | {"description": description}
    argument = inputs.arguments.add("body", "request", shaped, required=required)
    return Body(media_type, whole=argument, required=required)


def _choose(content: object) -> tuple[str, Node] | None:
    """The media type we speak best. Names without a slash are mistakes for other keys."""
    if not isinstance(content, dict):
        return None
    usable: list[tuple[str, Node]] = [
        (str(name), media)
        for name, media in content.items()
        if "/" in str(name) and isinstance(media, dict)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    ]
    return min(usable, key=lambda entry: _rank(entry[0]), default=None)


def _rank(media_type: str) -> int:
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return 0
    if kind.endswith("+json"):
        return 1
    known = (_FORM, _MULTIPART, "*/*", "text/plain")
    return 2 + known.index(kind) if kind in known else 9


def _is_object(media_type: str) -> bool:
    kind = media_type.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json", "/*")) or kind in (_FORM, _MULTIPART)


def _is_raw(media_type: str, schema: Node) -> bool:
    """Whether the body is a file's bytes rather than a value."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind.endswith(("/json", "+json")) or kind in (_FORM, _MULTIPART):
        return False
    return not schema or schema.get("format") == "binary" or "string" in scalars.types(schema)


def _can_flatten(schema: Node, inputs: Inputs) -> bool:
    if "object" not in scalars.types(schema) or any(word in schema for word in _FLATTENED_AWAY):
        return False
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and extra:
        return False
    writable = [name for name, prop in (schema.get("properties") or {}).items() if not inputs.shaper.is_read_only(prop)]
    if not writable:
        return not schema.get("properties") and extra is False
    return not schema.get("minProperties") or bool(schema.get("required"))


def _fields(media_type: str, media: Node, required: bool, inputs: Inputs) -> Body:
    """Required properties are required arguments even of an optional body: leaving `required` out is a common slip."""
    schema, _ = inputs.document.flatten(media["schema"])
    needed = set(schema.get("required") or ())
    fields: list[BodyField] = []
    constants: dict[str, bytes] = {}
    for name, prop in (schema.get("properties") or {}).items():
        if inputs.shaper.is_read_only(prop):
            continue
        constant = _constant(inputs.document, prop) if name in needed else None
        if constant is not None:
            constants[name] = constant
            continue
        binary = media_type.startswith(_MULTIPART) and _is_binary(inputs.document, prop)
        shaped = _file_of(prop, inputs) if binary else inputs.shaper.argument(prop)
        argument = inputs.arguments.add(name, "body", shaped, required=name in needed)
        fields.append(_field(argument, name, (media.get("encoding") or {}).get(name) or {}, binary))
    return Body(media_type, tuple(fields), required=required or bool(needed), constants=constants)


def _constant(document: Document, schema: Node) -> bytes | None:
    """The one legal value of a property, as JSON text."""
    flat, _ = document.flatten(schema)
    values = [flat["const"]] if "const" in flat else flat.get("enum")
    return msgspec.json.encode(values[0]) if isinstance(values, list) and len(values) == 1 else None  # pyright: ignore[reportUnknownArgumentType]


def _is_binary(document: Document, schema: Node) -> bool:
    flat, _ = document.flatten(schema)
    if isinstance(flat.get("items"), dict) and "array" in scalars.types(flat):
        return _is_binary(document, flat["items"])
    return flat.get("format") == "binary" or ("contentMediaType" in flat and "contentEncoding" not in flat)


def _file_of(schema: Node, inputs: Inputs) -> Node:
    flat, _ = inputs.document.flatten(schema)
    if "array" in scalars.types(flat):
        return {"type": "array", "items": _FILE}
    description = inputs.shaper.argument(schema).get("description")
    return _FILE | ({"description": f"{description} {_FILE['description']}"} if description else {})


def _field(argument: str, name: str, encoding: Node, binary: bool) -> BodyField:
    style = str(encoding.get("style") or "")
    explode = encoding.get("explode")
    return BodyField(
        argument=argument,
        name=name,
        style="" if style == "form" and not isinstance(explode, bool) else style,
        explode=explode if isinstance(explode, bool) else None,
        media_type=str(encoding.get("contentType") or "").partition(",")[0].strip(),
        binary=binary,
    )
