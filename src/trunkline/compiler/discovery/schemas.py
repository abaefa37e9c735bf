"""Schemas of a discovery document (JSON Schema draft 3, with differences) -> schemas of OpenAPI 3.0.

Which properties a request needs is said at the property, by method id (`annotations.required`), so that one schema may
mean another thing in each method: such a schema gets a copy for each method that needs something of it.
"""

import re
from collections.abc import Callable, Iterator

from trunkline.compiler.node import Node, child, is_node, nodes, strings

_COPIED = ("type", "description", "enum", "pattern", "deprecated")
_OUTPUT_ONLY = re.compile(r"\W*output only\b", re.IGNORECASE)
_FORMATS = {"google-datetime": "date-time", "date-time": "date-time", "date": "date", "byte": "byte"}
# Scalars that protocol buffers write as text (https://protobuf.dev/programming-guides/json/).
_PATTERNS = {
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
    "google-duration": r"^-?\d+(\.\d{1,9})?s$",
}
_WORDS = {"true": True, "false": False}


def shape(node: Node, put_ref: Callable[[str], str] = str, method: str = "") -> Node:
    """`node` as OpenAPI says it. `put_ref` gives the component's name of a reference, `method` is a method id."""
    if isinstance(node.get("$ref"), str):
        return _beside(node) | {"$ref": f"#/components/schemas/{put_ref(node['$ref'])}"}
    out = {key: node[key] for key in _COPIED if key in node and node[key] != "any"} | _scalar(node) | _beside(node)
    properties = {name: prop for name, prop in nodes(node, "properties").items() if not _is_kind(name, prop)}
    if properties:
        out["properties"] = {name: shape(prop, put_ref, method) for name, prop in properties.items()}
    needed = [name for name, prop in properties.items() if method and method in _needed_by(prop)]
    if needed:
        out["required"] = needed
    for key in ("items", "additionalProperties"):
        if is_node(node.get(key)):
            out[key] = shape(node[key], put_ref, method)
    return out


def _is_kind(name: str, prop: Node) -> bool:
    """Whether a property only repeats what its object is (`calendar#event`)."""
    return name == "kind" and "#" in str(prop.get("default"))


def _beside(node: Node) -> Node:
    """What may also stand next to a reference. Older documents say only in words that a property is of answers."""
    out = {"description": node["description"]} if "description" in node else {}
    read_only = node.get("readOnly") is True or _OUTPUT_ONLY.match(str(node.get("description", "")))
    return out | {"readOnly": True} if read_only else out


def _scalar(node: Node) -> Node:
    """Numbers and defaults are written as texts; formats are Google's own."""
    out: Node = {}
    form = str(node.get("format"))
    if form in _FORMATS:
        out["format"] = _FORMATS[form]
    if form in _PATTERNS and node.get("type") == "string" and "pattern" not in node:
        out["pattern"] = _PATTERNS[form]
    kind = str(node.get("type"))
    for word in ("minimum", "maximum", "default"):
        value = _value(kind, node.get(word))
        if value is not None and (word == "default" or kind in ("integer", "number")):
            out[word] = value
    return out


def _value(kind: str, text: object) -> object:
    """What a text stands for at a place of type `kind`; None if for nothing."""
    if not isinstance(text, str):
        return text
    if kind == "boolean":
        return _WORDS.get(text)
    if kind not in ("integer", "number"):
        return text
    try:
        return int(text) if kind == "integer" else float(text)
    except ValueError:
        return None


class Components:
    """The schemas of one document, by the names that references use. `all` grows with the requests asked for."""

    def __init__(self, root: Node) -> None:
        self._given = nodes(root, "schemas")
        self._needs = _reached({name: set(_all_needs(node)) for name, node in self._given.items()}, self._given)
        self.all: Node = {name: shape(node) for name, node in self._given.items()}

    def request(self, name: str, method: str) -> Node:
        """The schema `name` as a request of `method` has to be."""
        return {"$ref": f"#/components/schemas/{self._name(name, method)}"}

    def _name(self, name: str, method: str) -> str:
        if method not in self._needs.get(name, ()):
            return name
        own = f"{name} of {method}"
        if own not in self.all:
            self.all[own] = {}  # taken: a schema may lead back to itself
            self.all[own] = shape(self._given[name], lambda ref: self._name(ref, method), method)
        return own


def _needed_by(prop: Node) -> list[str]:
    return strings(child(prop, "annotations"), "required")


def _inner(node: Node) -> Iterator[Node]:
    yield from nodes(node, "properties").values()
    yield from (node[key] for key in ("items", "additionalProperties") if is_node(node.get(key)))


def _all_needs(node: Node) -> Iterator[str]:
    yield from _needed_by(node)
    for inner in _inner(node):
        yield from _all_needs(inner)


def _refs(node: Node) -> Iterator[str]:
    if isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for inner in _inner(node):
        yield from _refs(inner)


def _reached(needs: dict[str, set[str]], given: dict[str, Node]) -> dict[str, set[str]]:
    """`needs` of each schema and of those it leads to."""
    if not any(needs.values()):
        return {}
    leads = {name: set(_refs(node)) & given.keys() for name, node in given.items()}
    changed = True
    while changed:
        changed = False
        for name, others in leads.items():
            more = set[str]().union(*(needs[other] for other in others)) - needs[name]
            needs[name] |= more
            changed = changed or bool(more)
    return needs
