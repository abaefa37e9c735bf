"""A small discovery document in which every feature occurs once."""

import json
from typing import Any

from tests.compiler.describe import manifest
from trunkline.compiler.service import CompiledService, compile_service
from trunkline.contract import ToolSpec

Node = dict[str, Any]
SOURCE = "pypi:acme:acme.v1.json"


def document(methods: Node, schemas: Node | None = None, **more: Any) -> Node:
    """Methods of the resource `things` of an API at https://api.acme.test/acme/v1/."""
    resources = {"things": {"methods": {name: method(name, **given) for name, given in methods.items()}}}
    root = {"name": "acme", "rootUrl": "https://api.acme.test/", "servicePath": "acme/v1/", "resources": resources}
    return root | {"schemas": schemas or {}} | more


def method(name: str, http: str = "POST", path: str = "things", **more: Any) -> Node:
    return {"id": f"acme.things.{name}", "httpMethod": http, "path": path, "flatPath": path} | more


def in_path(name: str, **more: Any) -> Node:
    return {name: {"type": "string", "location": "path", "required": True} | more}


def in_query(name: str, kind: str = "string", **more: Any) -> Node:
    return {name: {"type": kind, "location": "query"} | more}


def compiled(root: Node, **more: object) -> CompiledService:
    text = json.dumps(root).encode()
    return compile_service(manifest(source={"discovery": SOURCE}, **more), [(SOURCE, text)])


def tools(root: Node, **more: object) -> dict[str, ToolSpec]:
    """By operation; the document compiles without a problem."""
    result = compiled(root, **more)
    assert result.problems == ()
    return {spec.operation.removeprefix("acme.things."): spec for spec in result.specs}


def tool(name: str, http: str = "POST", path: str = "things", schemas: Node | None = None, **more: Any) -> ToolSpec:
    """The one tool of a document with this one method."""
    return tools(document({name: {"http": http, "path": path} | more}, schemas))[name]
