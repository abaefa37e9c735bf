"""An OpenAPI 3 description whose references are followed when they are met and never expanded (they may be cyclic)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import unquote

Json = Any
"""A value out of `orjson.loads`: descriptions are not typed, and real ones break every promise."""

Node = Mapping[str, Json]


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list)


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MAX_HOPS = 32


@dataclass(frozen=True)
class RawOperation:
    """One operation as the description has it, with what it inherits from its path and from the root."""

    method: str  # upper case
    template: str  # the key below `paths`, without fragment
    node: Node
    parameters: tuple[Node, ...]  # resolved; those of the operation override those of the path
    servers: tuple[Node, ...]
    own_servers: bool  # the servers are the operation's or the path's own, not the document's
    security: list[dict[str, list[str]]] | None  # None: the description says nothing


class Document:
    """A description of OpenAPI 3.0 or 3.1. `root` is kept, not copied; nothing may change it afterwards."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.version: str = str(root.get("openapi", "3.0.0"))
        self._targets: dict[str, Json] = {}

    def follow(self, node: Json) -> Json:
        """`node`, or what its chain of `$ref` leads to. A broken or foreign reference leads to `{}`."""
        for _ in range(_MAX_HOPS):
            if not (is_object(node) and isinstance(ref := node.get("$ref"), str)):
                return node
            node = self.target(ref)
        return {}

    def node(self, value: Json) -> Node:
        """What `value` leads to if that is an object, else `{}`."""
        found = self.follow(value)
        return found if is_object(found) else {}

    def target(self, ref: str) -> Json:
        """What the pointer of a local reference points at (one hop)."""
        if ref not in self._targets:
            self._targets[ref] = self._walk(ref[1:]) if ref.startswith("#") else {}
        return self._targets[ref]

    def _walk(self, path: str) -> Json:
        here: Json = self.root
        for step in path.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            here = _child(self.follow(here), key)
        return here

    def security_scheme(self, name: str) -> Node:
        return self.node(self.node(self.root.get("components")).get("securitySchemes")).get(name) or {}

    def operations(self) -> Iterator[RawOperation]:
        """Every operation of `paths`."""
        for template, item in self.node(self.root.get("paths")).items():
            path = self.node(item)
            for method in METHODS:
                if isinstance(path.get(method), dict):
                    yield self._operation(template, method, path)

    def _operation(self, template: str, method: str, path: Node) -> RawOperation:
        node = self.node(path[method])
        own = node.get("servers") or path.get("servers")
        return RawOperation(
            method=method.upper(),
            template=template.partition("#")[0],
            node=node,
            parameters=tuple(_moved(each, template) for each in self._parameters(path, node)),
            servers=tuple(own or self.root.get("servers") or ({"url": "/"},)),
            own_servers=bool(own),
            security=node.get("security", self.root.get("security")),
        )

    def _parameters(self, path: Node, operation: Node) -> tuple[Node, ...]:
        every = [*(path.get("parameters") or ()), *(operation.get("parameters") or ())]
        resolved = [self.node(parameter) for parameter in every]
        named = {(node["in"], node["name"]): node for node in resolved if "in" in node and "name" in node}
        return tuple(named.values())


def query_pairs(template: str) -> list[tuple[str, str]]:
    """(name, value) of the query that is written into a path template."""
    pairs = (pair.partition("=") for pair in template.partition("#")[0].partition("?")[2].split("&") if pair)
    return [(name, value) for name, _, value in pairs]


def _moved(parameter: Node, template: str) -> Node:
    """One of the path whose hole stands in the template's query (`?city={city}`, `?{city}=1`) is one of the query."""
    if parameter.get("in") != "path":
        return parameter
    hole = "{" + str(parameter.get("name")) + "}"
    names = [name for name, value in query_pairs(template) if hole in (name, value)]
    return {**parameter, "in": "query", "name": names[0].strip("{}")} if names else parameter


def _child(parent: Json, key: str) -> Json:
    if is_object(parent):
        return parent.get(key, {})
    if is_array(parent) and key.isdigit() and int(key) < len(parent):
        return parent[int(key)]
    return {}
