"""The OpenAPI 3.1 document of a table of endpoints."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from trunkline.admin.api.endpoint import JSON, Endpoint, Nothing

Node = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_FAULTS: Final = {
    "400": "What was given does not fit.",
    "401": "Nobody is signed in.",
    "403": "The role may not do it.",
}
_MISSING: Final = {"404": "There is none, or none of this organization."}
_OF_CHANGES: Final = {**_MISSING, "409": "A service must be connected first.", "502": "The service or provider failed."}
_BUSY: Final = {"503": "Not at this moment: `retryable` says so."}
_SECURITY: Final = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-trunkline",
        "description": "The session of a browser; what changes something needs the header X-CSRF-Token besides.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "An API key that is not for certain toolsets alone."},
}


def document(endpoints: Sequence[Endpoint], prefix: str, problem: type[msgspec.Struct]) -> Node:
    """The whole document. `problem` is what every refusal looks like."""
    answers = [each.answer for each in endpoints if each.media == JSON]
    given = [each.given for each in endpoints if each.given is not Nothing]
    types = [*dict.fromkeys([problem, *answers, *given])]
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    parameters = {each.__name__: schemas.pop(each.__name__) for each in dict.fromkeys(given)}
    paths: dict[str, Node] = {}
    for each in endpoints:
        shape = parameters.get(each.given.__name__, {"properties": {}})
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, shape, problem)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Trunkline admin API", "version": "1"},
        "servers": [{"url": prefix}],
        "security": [{"session": []}, {"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
    }


def _operation(endpoint: Endpoint, shape: Node, problem: type[msgspec.Struct]) -> Node:
    """`shape` is the schema of what the endpoint is given."""
    node: Node = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Takes the role {endpoint.role}.",
        "tags": [endpoint.path.split("/")[1]],
        "parameters": [_parameter(endpoint, name, schema, shape) for name, schema in _parameters(endpoint, shape)],
        "responses": _responses(endpoint, problem),
    }
    if not endpoint.safe and (body := _body(endpoint, shape)) is not None:
        node["requestBody"] = {"required": bool(body["required"]), "content": {JSON: {"schema": body}}}
    return node


def _parameters(endpoint: Endpoint, shape: Node) -> list[tuple[str, Node]]:
    return [(name, schema) for name, schema in shape["properties"].items() if endpoint.safe or name in endpoint.in_path]


def _parameter(endpoint: Endpoint, name: str, schema: Node, shape: Node) -> Node:
    in_path = name in endpoint.in_path
    required = in_path or name in shape.get("required", ())
    return {"name": name, "in": "path" if in_path else "query", "required": required, "schema": schema}


def _body(endpoint: Endpoint, shape: Node) -> Node | None:
    """None where all that is given stands in the path."""
    properties = {name: schema for name, schema in shape["properties"].items() if name not in endpoint.in_path}
    if not properties:
        return None
    required = [name for name in shape.get("required", ()) if name in properties]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _responses(endpoint: Endpoint, problem: type[msgspec.Struct]) -> Node:
    refused = {JSON: {"schema": {"$ref": _REF.format(name=problem.__name__)}}}
    faults = _FAULTS | (_MISSING if endpoint.in_path else {}) | ({} if endpoint.safe else _OF_CHANGES) | _BUSY
    good: Node = {endpoint.media: {"schema": {"type": "string"}}}
    if endpoint.media == JSON:
        good = {JSON: {"schema": _answer(endpoint)}}
    return {
        "200": {"description": "Done.", "content": good},
        **{status: {"description": said, "content": refused} for status, said in faults.items()},
    }


def _answer(endpoint: Endpoint) -> Node:
    (schema,), _ = msgspec.json.schema_components([endpoint.answer], ref_template=_REF)
    return schema
