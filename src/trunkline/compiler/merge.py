"""Merging the parts of an `allOf` into one schema."""

from collections.abc import Sequence
from typing import Any

from trunkline.compiler.node import Node, is_list

_VARIANTS = ("oneOf", "anyOf")


def merge(parts: Sequence[Node]) -> Node:
    """One schema that means (nearly) all of `parts`; where two disagree, the later wins.

    A property that several parts describe becomes the `allOf` of its descriptions, to be merged when it is looked at.
    """
    out: Node = {}
    for part in parts:
        for key, value in part.items():
            if key not in out:
                out[key] = value
            elif key in _VARIANTS or key == "allOf":
                out["allOf"] = [*out.get("allOf", ()), *(value if key == "allOf" else [{key: value}])]
            else:
                out[key] = _both(key, out[key], value)
    return _settled(out, parts)


def _settled(out: Node, parts: Sequence[Node]) -> Node:
    """Null is legal only if every part allows it; one that only marks a property read-only says nothing of it."""
    typed = [part for part in parts if "type" in part]
    if out.get("nullable") and not all(part.get("nullable") for part in typed):
        return out | {"nullable": bool(parts[-1].get("nullable")) and len(typed) < 2}
    return out


def _both(key: str, old: Any, new: Any) -> Any:
    if key == "properties":
        return _properties(old, new)
    if key == "required" and is_list(old) and is_list(new):
        return list(dict.fromkeys([*old, *new]))
    if key == "enum":
        return [value for value in old if value in new] or new if is_list(old) and is_list(new) else new
    return new


def _properties(old: Node, new: Node) -> Node:
    out = dict(old)
    for name, schema in new.items():
        out[name] = schema if out.get(name, schema) == schema else {"allOf": [out[name], schema]}
    return out
