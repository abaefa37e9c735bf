"""Reading descriptions, which are not typed and break every promise of their format.

A key that is missing, null or of another kind reads as empty.
"""

from typing import Any, TypeGuard

Node = dict[str, Any]


def is_node(value: object) -> TypeGuard[Node]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def child(node: Node, key: str) -> Node:
    """The object at `key`, else an empty one."""
    value = node.get(key)
    return value if is_node(value) else {}


def children(node: Node, key: str) -> list[Any]:
    """The list at `key`, else an empty one."""
    value = node.get(key)
    return value if is_list(value) else []


def nodes(node: Node, key: str) -> dict[str, Node]:
    """The objects of the object at `key`, by name."""
    return {str(name): value for name, value in child(node, key).items() if is_node(value)}


def strings(node: Node, key: str) -> list[str]:
    """The texts of the list at `key`."""
    return [value for value in children(node, key) if isinstance(value, str)]
