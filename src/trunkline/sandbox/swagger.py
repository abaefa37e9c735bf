"""Swagger 2.0 as OpenAPI 3.0: the parts that say how requests and answers look.

Only locations and parameter, body and response objects change; schemas are used as they are, since both versions
build on draft 4. References move from `definitions`, `parameters` and `responses` to `components`.
"""

from collections.abc import Mapping
from typing import cast

from trunkline.sandbox.document import METHODS, Json, Node, is_array, is_object

_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_STYLES: Mapping[str, Node] = {
    "csv": {"explode": False},
    "multi": {"explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "tsv": {"explode": False},
}
_OUTER = frozenset(("name", "in", "required", "description", "collectionFormat", "allowEmptyValue"))
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def converted(root: Node) -> Node:
    """`root` (Swagger 2.0) as OpenAPI 3.0. Parts it cannot read are left out."""
    moved = cast("Node", _moved(root))
    shared = _objects(moved.get("parameters"))
    consumes, produces = moved.get("consumes"), moved.get("produces")
    media = (_names(consumes) or ["application/json"], _names(produces) or ["application/json"])
    return {
        "openapi": "3.0.0",
        "info": moved.get("info", {}),
        "servers": _servers(moved),
        "security": moved.get("security"),
        "paths": {path: _path(item, shared, media) for path, item in _objects(moved.get("paths")).items()},
        "components": {
            "schemas": moved.get("definitions", {}),
            "parameters": {name: _parameter(node) for name, node in shared.items()},
            "responses": {name: _response(node, media[1]) for name, node in _objects(moved.get("responses")).items()},
            "securitySchemes": {
                name: _scheme(node) for name, node in _objects(moved.get("securityDefinitions")).items()
            },
        },
    }


def _moved(node: Json) -> Json:
    """A copy in which references point where things are in OpenAPI 3."""
    if is_array(node):
        return [_moved(item) for item in node]
    if not is_object(node):
        return node
    copy = {name: _moved(child) for name, child in node.items()}
    if isinstance(ref := copy.get("$ref"), str):
        old = next((prefix for prefix in _MOVED if ref.startswith(prefix)), None)
        copy["$ref"] = ref if old is None else _MOVED[old] + ref.removeprefix(old)
    return copy


def _objects(node: Json) -> dict[str, Json]:
    return {name: child for name, child in node.items() if is_object(child)} if is_object(node) else {}


def _names(node: Json) -> list[str]:
    return [str(name) for name in node] if is_array(node) else []


def _servers(root: Node) -> list[Node]:
    path = str(root.get("basePath") or "/")
    host = root.get("host")
    schemes = _names(root.get("schemes")) or ["https"]
    return [{"url": f"{scheme}://{host}{path}" if host else path} for scheme in schemes]


Media = tuple[list[str], list[str]]


def _path(item: Node, shared: Mapping[str, Json], media: Media) -> Node:
    own = [_resolved(it, shared) for it in item.get("parameters") or ()]
    return {
        method: _operation(node, own, shared, media) for method, node in _objects(item).items() if method in METHODS
    }


def _resolved(parameter: Json, shared: Mapping[str, Json]) -> Node:
    name = str(parameter.get("$ref", "")).rpartition("/")[2] if is_object(parameter) else ""
    return shared.get(name, {}) if name else parameter


def _operation(node: Node, inherited: list[Node], shared: Mapping[str, Json], media: Media) -> Node:
    consumes = _names(node.get("consumes")) or media[0]
    produces = _names(node.get("produces")) or media[1]
    own = [_resolved(it, shared) for it in node.get("parameters") or ()]
    named = {(it.get("in"), it.get("name")): it for it in [*inherited, *own]}
    every = list(named.values())
    kept = {key: value for key, value in node.items() if key in ("operationId", "summary", "description", "security")}
    body = _body(every, consumes)
    return {
        **kept,
        "parameters": [_parameter(it) for it in every if it.get("in") in ("path", "query", "header")],
        "responses": {code: _response(it, produces) for code, it in _objects(node.get("responses")).items()},
        **({"requestBody": body} if body else {}),
    }


def _parameter(node: Node) -> Node:
    schema = {name: value for name, value in node.items() if name not in _OUTER}
    listed = node.get("type") == "array"
    style: Node = _STYLES.get(str(node.get("collectionFormat", "csv")), {}) if listed else {}
    outer = {name: value for name, value in node.items() if name in ("name", "in", "required", "description")}
    return {**outer, **style, "schema": schema}


def _body(parameters: list[Node], consumes: list[str]) -> Node | None:
    whole = next((it for it in parameters if it.get("in") == "body"), None)
    if whole is not None:
        media = {"schema": whole.get("schema", {})}
        return {"required": whole.get("required", False), "content": dict.fromkeys(consumes, media)}
    fields = [it for it in parameters if it.get("in") == "formData"]
    return _form(fields, consumes) if fields else None


def _form(fields: list[Node], consumes: list[str]) -> Node:
    required = [str(it["name"]) for it in fields if it.get("required") is True]
    schema = {
        "type": "object",
        "properties": {str(it["name"]): _field(it) for it in fields},
        **({"required": required} if required else {}),
    }
    encoding = {str(it["name"]): {"explode": it.get("collectionFormat") == "multi"} for it in fields}
    files = any(it.get("type") == "file" for it in fields)
    kinds = [_MULTIPART] if files else [it for it in consumes if it in (_FORM, _MULTIPART)] or [_FORM]
    return {"required": bool(required), "content": {kind: {"schema": schema, "encoding": encoding} for kind in kinds}}


def _field(node: Node) -> Node:
    schema = {name: value for name, value in node.items() if name not in _OUTER}
    return {"type": "string", "format": "binary"} if schema.get("type") == "file" else schema


def _response(node: Node, produces: list[str]) -> Node:
    if "$ref" in node or "schema" not in node:
        return node
    schema = node["schema"]
    if is_object(schema) and schema.get("type") == "file":
        schema = {"type": "string", "format": "binary"}
    examples = _objects({"it": node.get("examples")}).get("it", {})
    media = {kind: {"schema": schema} | _example(examples, kind) for kind in produces}
    return {"description": node.get("description", ""), "content": media}


def _example(examples: Mapping[str, Json], kind: str) -> dict[str, Json]:
    return {"example": examples[kind]} if kind in examples else {}


def _scheme(node: Node) -> Node:
    match node.get("type"):
        case "basic":
            return {"type": "http", "scheme": "basic"}
        case "oauth2":
            return {"type": "oauth2", "flows": {}}
        case _:
            return node
