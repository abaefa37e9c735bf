"""Request bodies -> arguments and the plan's body (OpenAPI 3.1, sections Request Body Object, Encoding Object)."""

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.arguments import Inputs
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.node import Node, child, children, is_node, nodes
from trunkline.compiler.schema import required_names
from trunkline.compiler.text import plain
from trunkline.contract import Body, BodyField

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_RELATED = "multipart/related"  # a JSON object and a file
_FLATTENED_AWAY = ("oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "dependentRequired", "dependentSchemas")
_FILE: Node = {
    "type": ["string", "object"],
    "properties": {"filename": {"type": "string"}, "content_base64": {"type": "string", "contentEncoding": "base64"}},
    "required": ["content_base64"],
    "description": "A file: {filename, content_base64}, a data: URI, or its text.",
}
_PARTS: Node = {"type": "object", "description": "Parts by name: a text, or a file {filename, content_base64}."}


def compile_body(method: str, operation: Node, inputs: Inputs) -> Body | None:
    """Adds the body's properties, or the body itself, to the arguments. None if the operation has no body.

    A body on GET or HEAD has no meaning of its own (RFC 9110, section 9.3.1): one that is neither required nor has a
    property to give is left out.
    """
    document = inputs.document
    request_body = document.resolve(child(operation, "requestBody"))
    choice = _choose(nodes(request_body, "content"))
    required = request_body.get("required") is True
    if choice is None:
        return None
    media_type, media = choice
    schema, _ = document.flatten(child(media, "schema"))
    if method in ("GET", "HEAD") and not required and not schema.get("properties"):
        return None
    if _is_object(media_type) and _can_flatten(schema, inputs):
        return _fields(_concrete(media_type), media, required, inputs)
    if not schema and not required:
        return None
    shaped = _whole(media_type, media, schema, inputs)
    description = plain(request_body.get("description"), inputs.level.text)
    if description and "description" not in shaped:
        shaped = shaped | {"description": description}
    argument = inputs.arguments.add("body", "request", shaped, required=required, whole=media.get("schema"))
    return Body(media_type, whole=argument, required=required)


def _whole(media_type: str, media: Node, schema: Node, inputs: Inputs) -> Node:
    """The schema of an argument that is the body itself."""
    if _is_raw(media_type, schema):
        return _FILE
    if _kind(media_type) == _RELATED:
        raise BrokenDescription("its multipart body is not described by named parts")
    if _kind(media_type) == _MULTIPART and "object" not in scalars.types(schema):
        return _PARTS
    return inputs.shaper.argument(media["schema"] if schema else {})


def _choose(content: dict[str, Node]) -> tuple[str, Node] | None:
    """The media type we speak best. Names without a slash are mistakes for other keys."""
    usable = [(name, media) for name, media in content.items() if "/" in name]
    return min(usable, key=lambda entry: _rank(entry[0]), default=None)


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _rank(media_type: str) -> int:
    kind = _kind(media_type)
    if kind == "application/json":
        return 0
    if kind.endswith("+json"):
        return 1
    known = (_FORM, _MULTIPART, "*/*", "text/plain")
    return 2 + known.index(kind) if kind in known else 9


def _is_object(media_type: str) -> bool:
    kind = _kind(media_type)
    return kind.endswith(("/json", "+json", "/*")) or kind in (_FORM, _MULTIPART, _RELATED)


def _concrete(media_type: str) -> str:
    """An object is sent as JSON where any type is taken: a range is no Content-Type (RFC 9110, section 8.3)."""
    return "application/json" if "*" in media_type else media_type


def _is_raw(media_type: str, schema: Node) -> bool:
    """Whether the body is a file's bytes, or a text of a kind of its own (XML), rather than a value that we write."""
    kind = _kind(media_type)
    if kind.endswith(("/json", "+json")) or kind in (_FORM, _MULTIPART):
        return False
    if kind.startswith("text/"):
        return not scalars.types(schema) <= {"string"}
    return "*" not in kind or not schema or schema.get("format") == "binary" or "string" in scalars.types(schema)


def _can_flatten(schema: Node, inputs: Inputs) -> bool:
    if "object" not in scalars.types(schema) or any(word in schema for word in _FLATTENED_AWAY):
        return False
    extra = schema.get("additionalProperties")
    if is_node(extra) and extra:
        return False
    if all(map(inputs.shaper.is_read_only, child(schema, "properties").values())):
        return not schema.get("properties") and extra is False
    return not schema.get("minProperties") or bool(schema.get("required"))


def _fields(media_type: str, media: Node, required: bool, inputs: Inputs) -> Body:
    """Required properties are required arguments even of an optional body: leaving `required` out is a common slip."""
    schema, _ = inputs.document.flatten(media["schema"])
    needed = set(required_names(schema))
    is_form = _kind(media_type) in (_FORM, _MULTIPART)
    fields: list[BodyField] = []
    constants: dict[str, bytes] = {}
    for name, prop in _described(schema).items():
        if inputs.shaper.is_read_only(prop) or ("body", name.lower()) in inputs.hidden:
            continue
        constant = _constant(inputs.document, prop) if name in needed else None
        if constant is not None:
            constants[name] = constant
            continue
        binary = media_type.startswith((_MULTIPART, _RELATED)) and _is_file(inputs.document, name, prop)
        shaped = (
            _file_of(prop, inputs) if binary else inputs.shaper.argument(prop, as_text=is_form, required=name in needed)
        )
        argument = inputs.arguments.add(name, "body", shaped, required=name in needed, whole=prop)
        fields.append(_field(argument, name, child(child(media, "encoding"), name), binary))
    return Body(media_type, tuple(fields), required=required or bool(needed), constants=constants)


def _described(schema: Node) -> dict[str, object]:
    """The properties that an object may have, by name; one that is required, but described nowhere, may be anything."""
    properties: dict[str, object] = {
        name: each for name, each in child(schema, "properties").items() if each is not False
    }
    for name in required_names(schema):
        properties.setdefault(name, {})
    return properties


def _constant(document: Document, schema: object) -> bytes | None:
    """The one legal value of a property, as JSON text."""
    flat, _ = document.flatten(schema)
    values = [flat["const"]] if "const" in flat else children(flat, "enum")
    return msgspec.json.encode(values[0]) if len(values) == 1 else None


def _is_file(document: Document, name: str, schema: object) -> bool:
    """Of a part that is called `file`, and said to be a text without saying which, a text is no file's name."""
    flat, _ = document.flatten(schema)
    unsaid = (
        scalars.types(flat) == frozenset(("string",))
        and not {"format", "enum", "const", "contentEncoding"} & flat.keys()
    )
    return _is_binary(document, schema) or (name == "file" and unsaid)


def _is_binary(document: Document, schema: object) -> bool:
    flat, _ = document.flatten(schema)
    if is_node(flat.get("items")) and "array" in scalars.types(flat):
        return _is_binary(document, flat["items"])
    return flat.get("format") == "binary" or ("contentMediaType" in flat and "contentEncoding" not in flat)


def _file_of(schema: object, inputs: Inputs) -> Node:
    flat, _ = inputs.document.flatten(schema)
    if "array" in scalars.types(flat):
        return {"type": "array", "items": _FILE, "minItems": 1}
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
