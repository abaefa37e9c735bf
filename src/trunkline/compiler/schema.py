"""OpenAPI schemas of inputs -> compact JSON Schema 2020-12.

What satisfies the result satisfies the original: optional parts may be left out, required ones and constraints stay. A
schema that refers to itself is unrolled once and then reduced to what is required; what cannot be finite is left out
at the nearest optional place. `x-more` counts what was left out of an object or of its variants (`compiler/whole.py`
keeps it).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.document import Document
from trunkline.compiler.level import Level
from trunkline.compiler.node import Node, child, children, is_list, is_node, strings

VARIANTS = ("anyOf", "oneOf")
_COMBINED = frozenset((*VARIANTS, "allOf"))
_ENOUGH = 8
MORE = "x-more"


class TooLarge(Exception):
    """The level shows too much; a poorer one is to be tried."""


class _Place(NamedTuple):
    """Where in a schema we are.

    `lean`: only what is required is shown. `as_text`: it is sent as text (a query, a form), where an empty array or
    object cannot be said; `filled`: so here it must not be empty.
    """

    depth: int = 0
    lean: bool = False
    as_text: bool = False
    filled: bool = False
    trail: tuple[str, ...] = ()

    def inside(self, *, required: bool = False) -> "_Place":
        filled = self.as_text and (required or self.filled)
        return _Place(self.depth + 1, self.lean, self.as_text, filled, self.trail)

    def along(self, refs: tuple[str, ...]) -> "_Place | None":
        """The place after following `refs`; None where a lean walk comes round to itself."""
        if not refs:
            return self
        again = [ref for ref in refs if ref in self.trail]
        if again and self.lean:
            return None
        return _Place(self.depth, self.lean or bool(again), self.as_text, self.filled, (*self.trail, *refs))


class Shaper:
    """Shapes the schemas of one operation at one level."""

    def __init__(self, document: Document, level: Level) -> None:
        self._document = document
        self._level = level
        self._nodes = 0
        self._known = document.memo(level)

    def argument(self, schema: object, *, as_text: bool = False, required: bool = False) -> Node:
        """The schema of one argument; anything goes where it cannot be said. `as_text`: it is no part of a JSON text.

        Raises TooLarge, BrokenDescription.
        """
        shaped = self._shape(schema, _Place(as_text=as_text, filled=as_text and required))
        return {MORE: 1} if shaped is None else shaped

    def is_read_only(self, schema: object) -> bool:
        """Whether a property belongs to answers only. Says nothing of a parameter, whose schema may be a shared one."""
        return is_node(schema) and bool(self._document.flatten(schema)[0].get("readOnly"))

    def _shape(self, schema: Any, place: _Place) -> Node | None:
        """Operations share schemas, so each is shaped once for a place. Nobody may change what this returns."""
        if schema is True or schema == {}:
            return {}
        if schema is False:
            return None
        known = self._known.get((id(schema), place))
        if known is None:
            before = self._nodes
            shaped = self._shape_anew(schema, place)
            self._known[id(schema), place] = shaped, self._nodes - before, schema  # holding it keeps its id taken
            return shaped
        self._count(known[1])
        return known[0]

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._level.limit:
            raise TooLarge

    def _shape_anew(self, schema: Any, place: _Place) -> Node | None:
        self._count(1)
        flat, refs = self._document.flatten(schema)
        there = place.along(refs)
        if there is None:
            return None
        out = scalars.shape(flat, self._level.inner_text if there.depth else self._level.text)
        types = scalars.types(flat)
        if "object" in types:
            inner = self._object(flat, there)
            if inner is None:
                return None
            out |= inner
        if "array" in types and is_node(flat.get("items")):
            items = self._shape(_items(flat), there.inside())
            if items is None:
                return None
            out |= {"items": items} if items else {}
            out |= {"minItems": 1} if there.filled and "minItems" not in out else {}
        return self._with_variants(out, flat, there)

    def _with_variants(self, out: Node, flat: Node, place: _Place) -> Node | None:
        if flat.keys().isdisjoint(_COMBINED):
            return out
        for word in VARIANTS:
            if is_list(flat.get(word)):
                variants = self._variants(flat, word, place)
                if variants is None:
                    return None
                out = _joined(out, word, *variants)
        parts = [part for each in children(flat, "allOf") if (part := self._shape(each, place)) is not None]
        return out | {"allOf": parts} if parts else out

    def _variants(self, flat: Node, word: str, place: _Place) -> tuple[list[Node], int] | None:
        """The variants that can be said, each once, and how many cannot; None if none can."""
        tags = _Tags.of(flat)
        shaped: list[Node] = []
        left_out = 0
        for each in flat[word]:
            variant = self._variant(each, place, tags)
            left_out += variant is None
            if variant is not None and variant not in shaped:
                shaped.append(variant)
        if flat.get("nullable"):
            shaped.append({"type": "null"})
        return (shaped, left_out) if shaped or not flat[word] else None

    def _variant(self, schema: Any, place: _Place, tags: "_Tags") -> Node | None:
        flat, refs = self._document.flatten(schema)
        own = child(flat, "properties").get(tags.name)
        tagged = own is not None and not self.is_read_only(own)
        shaped = self._shape({"allOf": [schema, {"required": [tags.name]}]} if tagged else schema, place)
        if shaped is None:
            return None
        variant = dict(shaped)
        if "type" not in variant and "required" in flat and "properties" not in flat:
            variant["required"] = strings(flat, "required")
        values = tags.values(refs)
        if values and "object" in scalars.types(flat):
            _mark(variant, tags.name, values)
        return variant

    def _object(self, flat: Node, place: _Place) -> Node | None:
        writable = {name: prop for name, prop in child(flat, "properties").items() if not self.is_read_only(prop)}
        hidden = child(flat, "properties").keys() - writable.keys()
        required = [name for name in required_names(flat) if name not in hidden]
        wanted = {*required, *(name for word in VARIANTS for each in children(flat, word) for name in _needs(each))}
        properties = self._properties(writable, place, wanted)
        if not properties.keys() >= (set(required) & writable.keys()):
            return None
        filled = not required and (place.filled or bool(flat.get("minProperties")))
        if filled and not properties and writable:
            properties = self._some_properties(writable, place)
        left_out = len(writable) - len(properties)
        properties |= {name: {} for name in required if name not in properties}  # required, but described nowhere
        out: Node = {"properties": properties} if properties else {}
        out |= {"required": required} if required else {}
        out |= {"minProperties": 1} if filled and writable else {}
        out |= {MORE: left_out} if left_out else {}
        return out | self._additional(flat, place, bool(left_out))

    def _properties(self, writable: Node, place: _Place, wanted: set[str]) -> Node:
        shown: Node = {}
        lean = place.lean or place.depth >= self._level.depth
        inside = {is_required: place.inside(required=is_required) for is_required in (False, True)}
        for name, schema in writable.items():
            if name in wanted or not lean:
                shaped = self._shape(schema, inside[name in wanted])
                if shaped is not None:
                    shown[name] = shaped
        return shown

    def _some_properties(self, writable: Node, place: _Place) -> Node:
        """For an object that must not be empty, although none of its properties is required."""
        lean = place._replace(lean=True).inside()
        shaped = {name: self._shape(schema, lean) for name, schema in list(writable.items())[:_ENOUGH]}
        return {name: schema for name, schema in shaped.items() if schema is not None}

    def _additional(self, flat: Node, place: _Place, left_out: bool) -> Node:
        extra = flat.get("additionalProperties")
        if left_out or "patternProperties" in flat:
            return {}  # what is not shown is legal
        if extra is False:
            return {"additionalProperties": False}
        if not is_node(extra) or not extra:
            return {}
        shaped = self._shape(extra, place.inside())
        return {"additionalProperties": shaped} if shaped else {}


def cut(schema: Node, depth: int) -> Node:
    """`schema` down to `depth`; what is deeper is shown by its type alone."""
    if depth == 0:
        shown = {key: schema[key] for key in ("type", "description", "enum", "const") if key in schema}
        return shown if shown == schema else shown | {MORE: 1}
    out = dict(schema)
    if "properties" in out:
        out["properties"] = {name: cut(each, depth - 1) for name, each in out["properties"].items()}
    for word in ("items", "additionalProperties"):
        if is_node(out.get(word)):
            out[word] = cut(out[word], depth - 1)
    for word in (*VARIANTS, "allOf"):
        if word in out:
            out[word] = [cut(each, depth - 1) for each in out[word]]
    return out


def size(schema: Node) -> int:
    """Bytes of its JSON text."""
    return len(msgspec.json.encode(schema))


def _joined(out: Node, word: str, variants: list[Node], left_out: int) -> Node:
    """Variants next to the rest; a single one is merged into it where nothing is lost."""
    if left_out:
        return out | {word: variants, MORE: out.get(MORE, 0) + left_out}
    if len(variants) == 1 and not out.keys() & variants[0].keys() - {"type", "description"}:
        return variants[0] | out
    return out | {word: variants} if variants else out


def required_names(flat: Node) -> list[str]:
    """What an object must have. A name that the object itself forbids is a mistake of the description."""
    names = strings(flat, "required")
    if flat.get("additionalProperties") is not False or "patternProperties" in flat:
        return names
    return [name for name in names if name in child(flat, "properties")]


def _items(flat: Node) -> Node:
    """The items' schema; choices that stand at the array itself, and are no arrays, are meant for its items."""
    enum = children(flat, "enum")
    if not enum or any(is_list(value) for value in enum):
        return flat["items"]
    return {"allOf": [flat["items"], {"enum": enum}]}


def _needs(variant: object) -> list[str]:
    return strings(variant, "required") if is_node(variant) else []


@dataclass(frozen=True)
class _Tags:
    """A discriminator: the property whose value names the variant (OpenAPI 3.1, section Discriminator Object)."""

    name: str
    mapping: dict[str, list[str]]  # values by reference

    @staticmethod
    def of(flat: Node) -> "_Tags":
        discriminator = child(flat, "discriminator")
        values: dict[str, list[str]] = {}
        for value, ref in child(discriminator, "mapping").items():
            values.setdefault(str(ref), []).append(value)
        return _Tags(str(discriminator.get("propertyName") or ""), values)

    def values(self, refs: tuple[str, ...]) -> list[str]:
        """The values that name the variant at `refs`: those of the mapping, else the schema's own name."""
        if not self.name or not refs:
            return []
        mapped = next((self.mapping[ref] for ref in refs if ref in self.mapping), None)
        return mapped or [refs[0].rpartition("/")[2]]


def _mark(variant: Node, name: str, values: list[str]) -> None:
    """Adds the property that says which variant is meant, unless the variant itself knows its values."""
    properties = variant["properties"] = dict(variant.get("properties", {}))
    if not {"enum", "const"} & properties.get(name, {}).keys():
        properties[name] = {"type": "string", "enum": values}
    variant["required"] = list(dict.fromkeys([*variant.get("required", ()), name]))
