"""Nested values in flat names: `a[b][0]=1`, `a[]=1` (style deepObject, and how Stripe, Rails and PHP send forms).

OpenAPI defines deepObject for one level of an object; what is deeper follows what the services themselves accept.
"""

import re
from typing import cast
from urllib.parse import unquote_plus

from trunkline.sandbox.coercion import is_only, read_text, types_of
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Json, is_object

Tree = dict[str, "Tree | str"]
"""Nested texts by name; array items are named "0", "1", …."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_MAX_DEPTH = 12  # of compositions: they may be cyclic
_STEP = re.compile(r"\[([^\[\]]*)\]")


def is_nested(name: str, root: str) -> bool:
    """Whether `name` is `root` followed by brackets."""
    return name.startswith(root + "[") and _NAME.fullmatch(name) is not None


def gather(root: str, left: dict[str, list[str]]) -> Tree | None:
    """Take every `root[…]` out of `left` (encoded texts by name) into one tree; None if there is none."""
    names = [name for name in left if is_nested(name, root)]
    if not names:
        return None
    tree: Tree = {}
    for name in names:
        for text in left.pop(name):
            _plant(tree, _STEP.findall(name[len(root) :]), unquote_plus(text))
    return tree


def _plant(tree: Tree, steps: list[str], text: str) -> None:
    *inner, last = steps
    for step in inner:
        child = tree.setdefault(step or str(max(len(tree) - 1, 0)), {})
        if not is_object(child):
            return
        tree = child
    tree[last or str(len(tree))] = text


def settle(dialect: Dialect, schema: Json, tree: Tree | str) -> Json:
    """The value a tree stands for: lists and objects where the schema has them, texts read as its types."""
    if isinstance(tree, str):
        return [] if tree == "" and is_only(dialect.document, schema, "array") else read_text(dialect, schema, tree)
    branches = _alternatives(dialect, schema)
    values = [_built(dialect, branch, tree) for branch in branches]
    return next((value for value in values if dialect.is_valid(value, schema)), values[0])


def _alternatives(dialect: Dialect, schema: Json, depth: int = 0) -> list[Json]:
    node = dialect.document.node(schema)
    branches = [*(node.get("anyOf") or ()), *(node.get("oneOf") or ())] if depth < _MAX_DEPTH else []
    nested = [found for branch in branches for found in _alternatives(dialect, branch, depth + 1)]
    fitting = [found for found in nested if types_of(dialect.document, found) & {"array", "object"}]
    return fitting or [node]


def _built(dialect: Dialect, schema: Json, tree: Tree) -> Json:
    node = dialect.document.node(schema)
    if "array" in types_of(dialect.document, node) and all(step.isdigit() for step in tree):
        return [settle(dialect, node.get("items", {}), tree[step]) for step in sorted(tree, key=int)]
    return {name: settle(dialect, property_of(dialect, node, name), child) for name, child in tree.items()}


def property_of(dialect: Dialect, schema: Json, name: str, depth: int = 0) -> Json:
    """The schema of property `name`, wherever in the compositions of `schema` it is; `{}` if it is not declared."""
    node = dialect.document.node(schema)
    own = dialect.document.node(node.get("properties")).get(name)
    if own is not None:
        return own
    for word in ("allOf", "anyOf", "oneOf"):
        for part in cast("list[Json]", node.get(word) or []):
            if depth < _MAX_DEPTH and (found := property_of(dialect, part, name, depth + 1)):
                return found
    extra = node.get("additionalProperties")
    return extra if is_object(extra) else {}
