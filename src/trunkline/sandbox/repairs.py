"""Repairs of descriptions that are known to be wrong: each with its reason, all of them here.

Swagger 2.0 is converted to OpenAPI 3.0 first (`sandbox.swagger`). What a whole dialect gets wrong is in
`sandbox.dialect`. A repair changes a copy of the part it repairs, never the published description.
"""

from collections.abc import Callable, Mapping
from typing import cast

from trunkline.sandbox.document import METHODS, Json, Node, is_array, is_object
from trunkline.sandbox.swagger import converted

Repair = Callable[[Node], Node]


def repaired(service: str, root: Node) -> Node:
    """`root` as OpenAPI 3, with the repairs of `service`."""
    if "swagger" in root:
        root = converted(root)
    for repair in REPAIRS.get(service, ()):
        root = repair(root)
    return root


def _each_operation(root: Node, change: Callable[[Node], Node]) -> Node:
    paths: dict[str, Json] = {}
    for template, item in cast("Mapping[str, Json]", root.get("paths") or {}).items():
        if not is_object(item):
            continue
        changed = {name: change(node) if name in METHODS and is_object(node) else node for name, node in item.items()}
        paths[template] = changed
    return {**root, "paths": paths}


def _without_parameter(name: str) -> Repair:
    def change(operation: Node) -> Node:
        parameters = operation.get("parameters")
        if not is_array(parameters):
            return operation
        kept = [it for it in parameters if not (is_object(it) and it.get("name") == name)]
        return {**operation, "parameters": kept}

    return lambda root: _each_operation(root, change)


REPAIRS: Mapping[str, tuple[Repair, ...]] = {
    # The credential is declared a second time, as a required parameter `token` in header or query. Slack takes it from
    # the Authorization header, as the security scheme says.
    "slack": (_without_parameter("token"),),
}
