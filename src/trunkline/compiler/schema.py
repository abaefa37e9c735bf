"""OpenAPI schemas of inputs -> compact JSON Schema 2020-12.

What satisfies the result satisfies the original: optional parts may be left out, required ones and constraints stay. A
schema that refers to itself is unrolled once and then reduced to what is required; what cannot be finite is left out
at the nearest optional place. `x-more` counts what was left out of an object or of its variants (`compiler/whole.py`
keeps it).
"""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.document import Document
from trunkline.compiler.level import Level
from trunkline.compiler.node import Node, child, children, is_list, is_node, strings

VARIANTS = ("anyOf", "oneOf")
_ENOUGH = 8
MORE = "x-more"


class TooLarge(Exception):
    """The level shows too much; a poorer one is to be tried."""


@dataclass(frozen=True)
class _Place:
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
        return replace(self, depth=self.depth + 1, filled=self.as_text and (required or self.filled))

    def along(self, refs: tuple[str, ...]) -> "_Place | None":
        """The place after following `refs`; None where a lean walk comes round to itself."""
        again = [ref for ref in refs if ref in self.trail]
        if again and self.lean:
            return None
        return replace(self, lean=self.lean or bool(again), trail=(*self.trail, *refs))


class Shaper:
    """Shapes the schemas of one operation at one level."""

    def __init__(self, document: Document, level: Level) -> None:
        self._document = document
        self._level = level
        self._nodes = 0

    def argument(self, schema: Node, *, as_text: bool = False, required: bool = False) -> Node:
        """The schema of one argument; anything goes where it cannot be said. `as_text`: it is no part of a JSON text.

        Raises TooLarge, BrokenDescription.
        """
        shaped = self._shape(schema, _Place(as_text=as_text, filled=as_text and required))
        return {MORE: 1} if shaped is None else shaped

    def is_read_only(self, schema: object) -> bool:
        """Whether a property belongs to answers only. Says nothing of a parameter, whose schema may be a shared one."""
        return is_node(schema) and bool(self._document.flatten(schema)[0].get("readOnly"))

    def _shape(self, schema: Any, place: _Place) -> Node | None:
        if schema is True or schema == {}:
            return {}
        if schema is False:
            return None
        self._nodes += 1
        if self._nodes > self._level.limit:
            raise TooLarge
        flat, refs = self._document.flatten(self._document.resolve_shallow(schema))
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
            items = self._shape(flat["items"], there.inside())
            if items is None:
                return None
            out |= {"items": items} if items else {}
            out |= {"minItems": 1} if there.filled and "minItems" not in out else {}
        return self._with_variants(out, flat, there)

    def _with_variants(self, out: Node, flat: Node, place: _Place) -> Node | None:
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
        tags = _tags(flat)
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

    def _variant(self, schema: Any, place: _Place, tags: dict[str, Node]) -> Node | None:
        variant = self._shape(schema, place)
        if variant is None:
            return None
        flat, refs = self._document.flatten(self._document.resolve_shallow(schema)) if schema is not True else ({}, ())
        if "type" not in variant and "required" in flat and "properties" not in flat:
            variant["required"] = strings(flat, "required")
        tag = next((tags[ref] for ref in refs if ref in tags), None)
        if tag is not None:
            variant["properties"] = tag | {
                name: prop for name, prop in variant.get("properties", {}).items() if "enum" in prop or name not in tag
            }
        return variant

    def _object(self, flat: Node, place: _Place) -> Node | None:
        writable = {name: prop for name, prop in child(flat, "properties").items() if not self.is_read_only(prop)}
        hidden = child(flat, "properties").keys() - writable.keys()
        required = [name for name in strings(flat, "required") if name not in hidden]
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
        for name, schema in writable.items():
            if name in wanted or not (place.lean or place.depth >= self._level.depth):
                shaped = self._shape(schema, place.inside(required=name in wanted))
                if shaped is not None:
                    shown[name] = shaped
        return shown

    def _some_properties(self, writable: Node, place: _Place) -> Node:
        """For an object that must not be empty, although none of its properties is required."""
        lean = replace(place, lean=True).inside()
        shaped = {name: self._shape(schema, lean) for name, schema in list(writable.items())[:_ENOUGH]}
        return {name: schema for name, schema in shaped.items() if schema is not None}

    def _additional(self, flat: Node, place: _Place, left_out: bool) -> Node:
        extra = flat.get("additionalProperties")
        if left_out:
            return {}  # what is not shown is legal
        if extra is False:
            return {"additionalProperties": False}
        if not is_node(extra) or not extra:
            return {}
        shaped = self._shape(extra, place.inside())
        return {"additionalProperties": shaped} if shaped else {}


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


def _needs(variant: object) -> list[str]:
    return strings(variant, "required") if is_node(variant) else []


def _tags(flat: Node) -> dict[str, Node]:
    """By reference of a variant: the discriminator property with the values that name it."""
    discriminator = child(flat, "discriminator")
    name = str(discriminator.get("propertyName"))
    values: dict[str, list[str]] = {}
    for value, ref in child(discriminator, "mapping").items():
        values.setdefault(str(ref), []).append(value)
    return {ref: {name: {"type": "string", "enum": tags}} for ref, tags in values.items()}
