"""Repairs of descriptions that are known to be wrong: each with its reason, all of them here.

Swagger 2.0 is converted to OpenAPI 3.0 first (`sandbox.swagger`). What a whole dialect gets wrong is in
`sandbox.dialect`. A repair changes a copy of the part it repairs, never the published description.
"""

from collections.abc import Callable, Collection, Mapping
from typing import cast

from trunkline.catalog.corrections import Corrections
from trunkline.sandbox.document import METHODS, Json, Node, is_array, is_object
from trunkline.sandbox.swagger import converted


def repaired(root: Node, credential_parameters: Collection[str] = (), corrections: Corrections | None = None) -> Node:
    """`root` as OpenAPI 3, without the requirements that its service does not mean."""
    if "swagger" in root:
        root = converted(root)
    root = corrections.applied(root) if corrections else root
    return _without_second_credential(root, credential_parameters) if credential_parameters else root


def _without_second_credential(root: Node, names: Collection[str]) -> Node:
    """Slack and Plaid take the credential from headers, as their security schemes say, and declare it again as required
    parameters or body properties. The manifest names these (`credential_parameters`); they are not asked for."""

    def change(operation: Node) -> Node:
        parameters, body = operation.get("parameters"), operation.get("requestBody")
        return {
            **operation,
            **({"parameters": [it for it in parameters if _name(it) not in names]} if is_array(parameters) else {}),
            **({"requestBody": _with_schemas(body, names)} if is_object(body) and "content" in body else {}),
        }

    components = _object(root.get("components"))
    schemas = {name: _not_required(schema, names) for name, schema in _object(components.get("schemas")).items()}
    return {**_each_operation(root, change), "components": {**components, "schemas": schemas}}


def _each_operation(root: Node, change: Callable[[Node], Node]) -> Node:
    paths: dict[str, Json] = {}
    for template, item in cast("Mapping[str, Json]", root.get("paths") or {}).items():
        if not is_object(item):
            continue
        changed = {name: change(node) if name in METHODS and is_object(node) else node for name, node in item.items()}
        paths[template] = changed
    return {**root, "paths": paths}


def _name(parameter: Json) -> Json:
    return parameter.get("name") if is_object(parameter) else None


def _object(node: Json) -> Node:
    return node if is_object(node) else {}


def _with_schemas(body: Node, names: Collection[str]) -> Node:
    content = {
        kind: {**media, "schema": _not_required(media.get("schema"), names)} if is_object(media) else media
        for kind, media in _object(body.get("content")).items()
    }
    return {**body, "content": content}


def _not_required(schema: Json, names: Collection[str]) -> Json:
    if not (is_object(schema) and is_array(schema.get("required"))):
        return schema
    return {**schema, "required": [name for name in schema["required"] if name not in names]}
