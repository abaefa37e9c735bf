"""Arguments for a call as an agent would make them up: what the request says, and the schema itself for the rest."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_DEEPEST = 5  # nested objects; deeper ones are left empty


def arguments(schema: Schema, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every required argument of an object schema, and for every other one that is wished for.

    A wish counts only where the schema takes a value of its type.
    """
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = schema.get("required", [])
    chosen: dict[str, Any] = {}
    for name, inner in properties.items():
        if name in wishes and _takes(inner, wishes[name]):
            chosen[name] = wishes[name]
        elif name in required:
            chosen[name] = sample(inner)
    return chosen


def sample(schema: Schema, depth: int = 0) -> Any:
    """Some value that the schema takes: a constant, default, example or choice of its own, else the plainest one."""
    for key in ("const", "default", "example"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    for key in ("oneOf", "anyOf", "allOf"):
        if schema.get(key):
            return sample(schema[key][0], depth)
    return _plain(schema, depth)


def _plain(schema: Schema, depth: int) -> Any:
    kind = _kinds(schema)[0]
    if kind == "object":
        inner: Mapping[str, Schema] = schema.get("properties", {})
        needed: list[str] = schema.get("required", []) if depth < _DEEPEST else []
        return {name: sample(inner.get(name, {}), depth + 1) for name in needed}
    if kind == "array":
        return [sample(schema.get("items", {}), depth + 1) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": False, "null": None}.get(kind, "demo".ljust(schema.get("minLength", 0), "o"))


def _kinds(schema: Schema) -> list[str]:
    kinds: str | list[str] = schema.get("type", "object" if "properties" in schema else "string")
    return [kinds] if isinstance(kinds, str) else kinds


def _takes(schema: Schema, value: Any) -> bool:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any(_takes(branch, value) for branch in branches) or (not branches and names[type(value)] in _kinds(schema))
