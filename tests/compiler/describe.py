"""Small descriptions and manifests for the tests of this room."""

import json
from typing import Any

from trunkline.catalog.manifest import Manifest, parse_manifest
from trunkline.compiler.service import CompiledService, compile_service
from trunkline.contract import Plan, ToolSpec

Node = dict[str, Any]


def manifest(**more: object) -> Manifest:
    """A manifest of the service `acme` at https://api.acme.test."""
    given: dict[str, object] = {
        "format": 1,
        "id": "acme",
        "title": "Acme",
        "summary": "Things.",
        "source": {"openapi": "npm:acme:openapi.json"},
        "hosts": ["api.acme.test"],
        "auth": ["bearer"],
    }
    return parse_manifest(json.dumps(given | more).encode(), "code/acme.yaml", "acme", "code")


def plan_of(spec: ToolSpec) -> Plan:
    assert isinstance(spec.plan, Plan)
    return spec.plan


def document(paths: Node, **more: object) -> Node:
    return {"openapi": "3.0.3", "info": {"title": "Acme", "version": "1"}, "paths": paths, **more}


def operation(**more: object) -> Node:
    return {"operationId": "createThing", "responses": {"200": {"description": "ok"}}, **more}


def parameter(name: str, place: str = "query", schema: Node | None = None, **more: object) -> Node:
    return {"name": name, "in": place, "schema": schema or {"type": "string"}, **more}


def body(schema: Node, media_type: str = "application/json", **more: object) -> Node:
    return {"required": True, "content": {media_type: {"schema": schema, **more}}}


def compiled(root: Node, **more: object) -> CompiledService:
    return compile_service(manifest(**more), [("npm:acme:openapi.json", json.dumps(root).encode())])


def only(root: Node, **more: object) -> ToolSpec:
    """The one tool of `root`, which compiles without a problem."""
    result = compiled(root, **more)
    assert result.problems == ()
    (spec,) = result.specs
    return spec


def post(op: Node, path: str = "/things", **more: object) -> ToolSpec:
    return only(document({path: {"post": op}}, **more))


def schema_of(spec: ToolSpec) -> Node:
    return json.loads(spec.input_schema)


def shaped(schema: Node, **components: Node) -> Node:
    """What becomes of `schema` as the property `it` of a body."""
    root = {"type": "object", "properties": {"it": schema}}
    spec = post(operation(requestBody=body(root)), components={"schemas": components})
    return schema_of(spec)["properties"]["it"]
