"""OpenAPI schemas of inputs -> compact JSON Schema 2020-12.

What satisfies the result satisfies the original: optional parts may be left out, required ones and constraints stay. A
schema that refers to itself is unrolled once and then reduced to what is required; what cannot be finite is left out
at the nearest optional place.
"""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.document import Document
from trunkline.compiler.level import Level

Node = dict[str, Any]
_VARIANTS = ("anyOf", "oneOf")


class TooLarge(Exception):
    """The level shows too much; a poorer one is to be tried."""


@dataclass(frozen=True)
class _Place:
    """Where in a schema we are. `lean`: only what is required is shown."""

    depth: int = 0
    lean: bool = False
    trail: tuple[str, ...] = ()

    def inside(self) -> "_Place":
        return replace(self, depth=self.depth + 1)

    def along(self, refs: tuple[str, ...]) -> "_Place | None":
        """The place after following `refs`; None where a lean walk comes round to itself."""
        again = [ref for ref in refs if ref in self.trail]
        if again and self.lean:
            return None
        return _Place(self.depth, self.lean or bool(again), (*self.trail, *refs))


class Shaper:
    """Shapes the schemas of one operation at one level."""

    def __init__(self, document: Document, level: Level) -> None:
        self._document = document
        self._level = level
        self._nodes = 0

    def argument(self, schema: Node) -> Node:
        """The schema of one argument; anything goes where it cannot be said. Raises TooLarge, BrokenDescription."""
        shaped = self._shape(schema, _Place())
        return {} if shaped is None else shaped

    def is_read_only(self, schema: Node) -> bool:
        """Whether a property belongs to answers only. Says nothing of a parameter, whose schema may be a shared one."""
        return bool(self._document.flatten(schema)[0].get("readOnly"))

    def _shape(self, schema: Any, place: _Place) -> Node | None:
        if schema is True or schema == {}:
            return {}
        self._nodes += 1
        if self._nodes > self._level.nodes:
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
        if "array" in types and isinstance(flat.get("items"), dict):
            items = self._shape(flat["items"], there.inside())
            if items is None:
                return None
            out |= {"items": items} if items else {}
        return self._with_variants(out, flat, there)

    def _with_variants(self, out: Node, flat: Node, place: _Place) -> Node | None:
        for word in _VARIANTS:
            if isinstance(flat.get(word), list):
                variants = self._variants(flat, word, place)
                if variants is None:
                    return None
                out = _joined(out, word, variants)
        parts = [part for each in flat.get("allOf", ()) if (part := self._shape(each, place)) is not None]
        return out | {"allOf": parts} if parts else out

    def _variants(self, flat: Node, word: str, place: _Place) -> list[Node] | None:
        """The variants that can be said, each once; None if none can."""
        tags = _tags(flat)
        shaped: list[Node] = []
        for each in flat[word]:
            variant = self._variant(each, place, tags)
            if variant is not None and variant not in shaped:
                shaped.append(variant)
        if flat.get("nullable"):
            shaped.append({"type": "null"})
        return shaped or (None if flat[word] else [])

    def _variant(self, schema: Any, place: _Place, tags: dict[str, Node]) -> Node | None:
        variant = self._shape(schema, place)
        if variant is None:
            return None
        flat, refs = self._document.flatten(self._document.resolve_shallow(schema)) if schema is not True else ({}, ())
        if "type" not in variant and isinstance(flat.get("required"), list) and "properties" not in flat:
            variant["required"] = flat["required"]
        tag = next((tags[ref] for ref in refs if ref in tags), None)
        if tag is not None:
            variant["properties"] = tag | {
                name: prop for name, prop in variant.get("properties", {}).items() if "enum" in prop or name not in tag
            }
        return variant

    def _object(self, flat: Node, place: _Place) -> Node | None:
        required = _strings(flat.get("required"))
        wanted = {*required, *(name for word in _VARIANTS for each in flat.get(word, ()) for name in _needs(each))}
        properties: Node = {}
        hidden: set[str] = set()
        for name, schema in (flat.get("properties") or {}).items():
            if self.is_read_only(schema):
                hidden.add(name)
                continue
            shaped = self._property(schema, place, name in wanted)
            if shaped is not None:
                properties[name] = shaped
            elif name in required:
                return None
        left_out = len(properties) < len(flat.get("properties") or {})
        out: Node = {"properties": properties} if properties else {}
        if kept := [name for name in required if name not in hidden]:
            out["required"] = kept
        return out | self._additional(flat, place, left_out)

    def _property(self, schema: Any, place: _Place, required: bool) -> Node | None:
        if not required and (place.lean or place.depth >= self._level.depth):
            return None
        return self._shape(schema, place.inside())

    def _additional(self, flat: Node, place: _Place, left_out: bool) -> Node:
        extra = flat.get("additionalProperties")
        if extra is False:
            return {} if left_out else {"additionalProperties": False}
        if not isinstance(extra, dict) or not extra:
            return {}
        shaped = self._shape(extra, place.inside())
        return {"additionalProperties": shaped} if shaped else {}


def size(schema: Node) -> int:
    """Bytes of its JSON text."""
    return len(msgspec.json.encode(schema))


def _joined(out: Node, word: str, variants: list[Node]) -> Node:
    """Variants next to the rest; a single one is merged into it where nothing is lost."""
    if len(variants) == 1 and not out.keys() & variants[0].keys() - {"type", "description"}:
        return variants[0] | out
    return out | {word: variants} if variants else out


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def _needs(variant: object) -> list[str]:
    return _strings(variant.get("required")) if isinstance(variant, dict) else []  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]


def _tags(flat: Node) -> dict[str, Node]:
    """By reference of a variant: the discriminator property with the one value that names it."""
    discriminator = flat.get("discriminator")
    if not isinstance(discriminator, dict):
        return {}
    name: Any = discriminator.get("propertyName")  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    mapping: Any = discriminator.get("mapping") or {}  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    values: dict[str, list[str]] = {}
    for value, ref in mapping.items():
        values.setdefault(str(ref), []).append(str(value))
    return {ref: {str(name): {"type": "string", "enum": tags}} for ref, tags in values.items()}
