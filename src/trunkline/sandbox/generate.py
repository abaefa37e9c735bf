"""Values for a schema: valid, plausible, the same every time.

A hint (an example out of the description) is taken wherever it is valid, and mended where it is not: documents' own
examples often break their schemas. Optional properties are filled near the top and left out deep down, so that
recursive schemas end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Json, Node, is_array, is_object
from trunkline.sandbox.flatten import branches, flat
from trunkline.sandbox.samples import number_sample, text_sample

NONE: Final = object()
"""No hint (None is a hint: null)."""

_RICH_DEPTH = 3  # optional properties are filled above this depth
_MAX_PROPERTIES = 60
_MAX_DEPTH = 20
_MAX_ITEMS = 3
_MAX_TRIES = 6
_TRUE_NAMES = frozenset(("ok", "success", "active", "enabled", "valid", "visible"))


@dataclass(frozen=True)
class Spot:
    """Where in the value we are: its depth, the name it has there, its number in a list."""

    depth: int = 0
    name: str = ""
    number: int = 0
    careful: bool = False  # try each alternative until one is valid, instead of taking the first
    lean: bool = False  # required properties only

    def below(self, name: str = "", number: int = 0) -> "Spot":
        return replace(self, depth=self.depth + 1, name=name or self.name, number=number)


class Generator:
    """Makes values for the schemas of one document; `dialect` decides what is valid (in requests or in answers)."""

    def __init__(self, dialect: Dialect, *, skip: str = "writeOnly") -> None:
        self._dialect = dialect
        self._document = dialect.document
        self._skip = skip

    def value(self, schema: Json, hint: Json = NONE, *, name: str = "", lean: bool = False) -> Json:
        """A value for `schema`; the best attempt where nothing valid was found."""
        if hint is not NONE and self._dialect.is_valid(hint, schema):
            return hint
        attempts = (
            (hint, Spot(name=name, lean=lean)),
            (hint, Spot(name=name, lean=lean, careful=True)),
            (NONE, Spot(name=name, lean=True, careful=True)),
        )
        first: Json = NONE
        for given, spot in attempts:
            made = self._make(schema, given, spot)
            if self._dialect.is_valid(made, schema):
                return made
            first = made if first is NONE else first
        return first

    def _make(self, schema: Json, hint: Json, spot: Spot) -> Json:
        node = flat(self._document, schema)
        for known in self._known(node, hint, spot):
            if self._dialect.is_valid(known, schema):
                return known
        if alternatives := branches(self._document, node):
            return self._branch(schema, alternatives, hint, spot)
        return self._of_type(node, hint, spot)

    def _known(self, node: Node, hint: Json, spot: Spot) -> Iterator[Json]:
        """Values somebody wrote down: the hint if it is a leaf, the schema's own examples and choices."""
        if hint is not NONE and (spot.careful or not isinstance(hint, (dict, list))):
            yield hint
        if spot.depth > _MAX_DEPTH // 2:
            yield None  # where null is valid, a recursion ends
        if "const" in node:
            yield node["const"]
        if is_array(choices := node.get("enum")):
            turned = choices[spot.number % len(choices) :] + choices if choices else []
            yield from (str(choice) if node.get("type") == "string" else choice for choice in turned[:_MAX_TRIES])
        if spot.depth == 0 or not (is_object(node.get("properties")) or is_object(node.get("items"))):
            yield from _examples(node, spot)

    def _branch(self, schema: Json, alternatives: list[dict[str, Json]], hint: Json, spot: Spot) -> Json:
        if spot.depth > _MAX_DEPTH:
            return None
        first: Json = NONE
        for branch in alternatives[:_MAX_TRIES]:
            made = self._make(branch, hint, spot if spot.depth else replace(spot, depth=1))
            if not spot.careful or self._dialect.is_valid(made, schema):
                return made
            first = made if first is NONE else first
        return first

    def _of_type(self, node: Node, hint: Json, spot: Spot) -> Json:
        match _type(node) or ("string" if spot.depth else "object"):
            case "object":
                return self._object(node, hint, spot)
            case "array":
                return self._array(node, hint, spot)
            case "integer":
                return number_sample(node, whole=True, number=spot.number)
            case "number":
                return number_sample(node, whole=False, number=spot.number)
            case "boolean":
                return spot.name in _TRUE_NAMES
            case "null":
                return None
            case _:
                return text_sample(node, spot.name, spot.number)

    def _object(self, node: Node, hint: Json, spot: Spot) -> dict[str, Json]:
        properties = self._document.node(node.get("properties"))
        hints = hint if is_object(hint) else {}
        made = {
            name: self._make(properties.get(name, {}), hints.get(name, NONE), spot.below(name))
            for name in self._chosen(node, properties, hints, spot)
        }
        extra = node.get("additionalProperties")
        for number in range(len(made), self._least(node)):
            made[f"key{number}"] = self._make(extra if is_object(extra) else {}, NONE, spot.below(number=number))
        return made

    def _chosen(self, node: Node, properties: Node, hints: Node, spot: Spot) -> list[str]:
        required = _required(node, properties)
        if spot.depth > _MAX_DEPTH:
            return []
        rich = spot.depth < _RICH_DEPTH and not spot.lean and not hints
        rich = rich or len(required) < self._least(node)
        optional = [name for name in properties if rich or (name in hints and not spot.lean)]
        most = node.get("maxProperties")
        limit = most if isinstance(most, int) else max(_MAX_PROPERTIES, len(required))
        names = [name for name in dict.fromkeys([*required, *optional]) if not self._skipped(properties.get(name))]
        return names[:limit]

    def _skipped(self, schema: Json) -> bool:
        return bool(self._document.node(schema).get(self._skip))

    def _least(self, node: Node) -> int:
        least = node.get("minProperties")
        return least if isinstance(least, int) else 0

    def _array(self, node: Node, hint: Json, spot: Spot) -> list[Json]:
        least, most = node.get("minItems"), node.get("maxItems")
        hints = hint[:_MAX_ITEMS] if is_array(hint) else []
        wanted = max(len(hints), 1 if spot.depth < _MAX_DEPTH // 2 and not spot.lean else 0)
        count = max(min(wanted, most) if isinstance(most, int) else wanted, least if isinstance(least, int) else 0)
        if spot.depth > _MAX_DEPTH:
            return []
        items = node.get("items", {})
        given = [*hints, *[NONE] * count][:count]
        return [self._make(items, each, spot.below(number=number)) for number, each in enumerate(given)]


def _examples(node: Node, spot: Spot) -> Iterator[Json]:
    if spot.number:
        return
    if "example" in node:
        yield node["example"]
    if is_array(examples := node.get("examples")):
        yield from examples[:2]
    if "default" in node and node["default"] is not None:
        yield node["default"]


def _required(node: Node, properties: Node) -> list[str]:
    names = node.get("required")
    closed = node.get("additionalProperties") is False
    return [str(name) for name in names if name in properties or not closed] if is_array(names) else []


def _type(node: Node) -> str:
    declared = node.get("type")
    if is_array(declared):
        declared = next((name for name in declared if name != "null"), "null")
    if isinstance(declared, str):
        return declared
    if "properties" in node or "additionalProperties" in node:
        return "object"
    return "array" if "items" in node else "string" if "pattern" in node or "format" in node else ""
