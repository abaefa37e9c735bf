"""The read that tells whether a credential is good: a GET without arguments, of the caller where there is one."""

import re

from trunkline.compiler.node import Node, child, children, is_node, nodes

# The best first. What they match is the end of a path.
_OBVIOUS = tuple(
    re.compile(end, re.IGNORECASE)
    for end in (
        r"/(users?/)?(me|self|current|whoami)$",
        r"/(auth[./]test|tokens?/verify|user-?info|current[_-]?user|profile|account|accounts?/me|user)$",
        r"/(organi[sz]ations?|workspaces|teams|projects|accounts|company|account_info|balance|credits|users|me/.*)$",
        r"/(lists|contacts|domains|webhooks|templates|campaigns|forms|boards|models|tags)$",
    )
)


def read_of(root: Node) -> str | None:
    """Its path. None if no path is obvious."""
    paths = [path for path, item in nodes(root, "paths").items() if _is_free(root, path, item)]
    for pattern in _OBVIOUS:
        found = [path for path in paths if pattern.search(path)]
        if found:
            return min(found, key=len)
    return None


def _is_free(root: Node, path: str, item: Node) -> bool:
    """Whether it can be read without arguments, and needs a credential."""
    operation = item.get("get")
    if "{" in path or not is_node(operation) or operation.get("deprecated") or operation.get("security") == []:
        return False
    parameters = filter(is_node, [*children(item, "parameters"), *children(operation, "parameters")])
    return not any(_resolved(root, parameter).get("required") for parameter in parameters)


def _resolved(root: Node, node: Node) -> Node:
    """`node`, or what its `$ref` leads to: components have no `/` in their names."""
    found = root if "$ref" in node else node
    for part in str(node.get("$ref", "")).split("/")[1:]:
        found = child(found, part)
    return found
