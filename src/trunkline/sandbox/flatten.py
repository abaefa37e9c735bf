"""One flat schema out of references and compositions, for making values (checking never needs it)."""

from collections.abc import Mapping
from typing import cast

from trunkline.sandbox.document import Document, Json, Node, is_array, is_object

_MAX_DEPTH = 16
_UNION = ("anyOf", "oneOf")


def flat(document: Document, schema: Json, depth: int = 0) -> dict[str, Json]:
    """`schema` with its references followed and `allOf` merged in; `anyOf`/`oneOf` stay."""
    node = document.node(schema)
    if depth > _MAX_DEPTH or not is_array(node.get("allOf")):
        return dict(node)
    merged: dict[str, Json] = {key: value for key, value in node.items() if key != "allOf"}
    for part in node["allOf"]:
        merged = merge(merged, flat(document, part, depth + 1))
    return merged


def branches(document: Document, schema: Node) -> list[dict[str, Json]]:
    """Each alternative of a flat schema, merged with what stands beside it; null comes last."""
    word = next((word for word in _UNION if is_array(schema.get(word)) and schema[word]), None)
    if word is None:
        return []
    rest = {key: value for key, value in schema.items() if key != word}
    found = [merge(rest, flat(document, branch)) for branch in schema[word]]
    return sorted(found, key=lambda branch: branch.get("type") == "null")


def merge(left: Node, right: Node) -> dict[str, Json]:
    """A schema that asks for both: properties and required add up, bounds tighten, the rest is the left's."""
    merged: dict[str, Json] = {**right, **left}
    if is_object(left.get("properties")) and is_object(right.get("properties")):
        merged["properties"] = _merged_properties(left["properties"], right["properties"])
    if is_array(left.get("required")) and is_array(right.get("required")):
        merged["required"] = list(dict.fromkeys([*left["required"], *right["required"]]))
    if is_array(left.get("enum")) and is_array(right.get("enum")):
        merged["enum"] = [value for value in left["enum"] if value in right["enum"]] or left["enum"]
    for word in _UNION:
        if word in left and word in right:
            merged["allOf"] = [*cast("list[Json]", merged.get("allOf") or []), {word: right[word]}]
    if merged.get("additionalProperties") is not False and False in (
        left.get("additionalProperties"),
        right.get("additionalProperties"),
    ):
        merged["additionalProperties"] = False
    if left.get("nullable") and right.get("nullable") is not True and "type" in right:
        merged.pop("nullable", None)
    return merged


def _merged_properties(left: Mapping[str, Json], right: Mapping[str, Json]) -> dict[str, Json]:
    both = {name: {"allOf": [left[name], right[name]]} for name in left if name in right and left[name] != right[name]}
    return {**right, **left, **both}
