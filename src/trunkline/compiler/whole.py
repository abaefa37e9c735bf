"""The whole of what an input schema leaves out: each schema once, references kept as `$defs`.

Read by describe_tools with a path only, so nothing here is cut but long texts. A schema that stands behind a reference
or is put together by `allOf` is a part with a name, whoever uses it; parts refer to one another, in circles too.
"""

import re
from collections import deque
from typing import Any

import msgspec

from trunkline.compiler import scalars
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.node import Node, child, is_list, is_node, strings
from trunkline.compiler.schema import VARIANTS

_TEXT = 160
_DEPTH = 32  # of schemas inside one part: more only a machine writes
_PARTS = 20_000  # of a description: what allOf makes of schemas that refer to themselves may have no end
_LEFT_OUT = b'"x-more":'
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class Whole:
    """Schemas of one description as they are. `parts` may be shared with other descriptions of the service."""

    def __init__(self, document: Document, parts: Node) -> None:
        self.parts = parts
        self._document = document
        self._names: dict[bytes, str] = {}
        self._waiting: deque[tuple[str, Node]] = deque()

    def schema(self, raw: Any) -> Node:
        """`raw` whole; what it refers to is in `parts`."""
        out = self._node(raw, 0)
        while self._waiting:
            name, schema = self._waiting.popleft()
            self.parts[name] = self._part(schema)
        return out

    def _part(self, schema: Node) -> Node:
        try:
            return self._flat(self._document.flatten(schema)[0], 0)
        except (BrokenDescription, TypeError, AttributeError):
            return {}  # anything goes where the description is broken

    def _node(self, raw: Any, depth: int) -> Node:
        if not is_node(raw) or depth > _DEPTH:
            return {"not": {}} if raw is False else {}
        if "$ref" not in raw and "allOf" not in raw:
            return self._flat(raw, depth)
        name = self._name(raw)
        return {"$ref": f"#/$defs/{name}"} if name else {}

    def _name(self, raw: Node) -> str:
        """The part's name; a new part waits to be looked at, so that no chain of them is too long for the stack."""
        ref = raw.get("$ref")
        key = ref.encode() if isinstance(ref, str) and not self._document.modern else msgspec.json.encode(raw)
        name = self._names.get(key)
        if name is None and len(self.parts) < _PARTS:
            name = self._names[key] = self._free(str(ref or "part").rpartition("/")[2])
            self.parts[name] = {}
            self._waiting.append((name, raw))
        return name or ""

    def _free(self, wanted: str) -> str:
        base = _NAME.sub("_", wanted)[:60] or "part"
        name, number = base, 2
        while name in self.parts:
            name, number = f"{base}_{number}", number + 1
        return name

    def _flat(self, flat: Node, depth: int) -> Node:
        out = scalars.shape(flat, _TEXT)
        kinds = scalars.types(flat)
        if "object" in kinds:
            out |= self._object(flat, depth + 1)
        if "array" in kinds and "items" in flat:
            out["items"] = self._node(flat["items"], depth + 1)
        for word in (*VARIANTS, "allOf"):
            if is_list(flat.get(word)):
                out[word] = [self._node(each, depth + 1) for each in flat[word]]
        if flat.get("nullable") and any(word in out for word in VARIANTS):
            word = next(word for word in VARIANTS if word in out)
            out[word].append({"type": "null"})
        return out

    def _object(self, flat: Node, depth: int) -> Node:
        writable = {name: prop for name, prop in child(flat, "properties").items() if not self._is_read_only(prop)}
        hidden = child(flat, "properties").keys() - writable.keys()
        required = [name for name in strings(flat, "required") if name not in hidden]
        out: Node = (
            {"properties": {name: self._node(prop, depth) for name, prop in writable.items()}} if writable else {}
        )
        out |= {"required": required} if required else {}
        extra = flat.get("additionalProperties")
        if extra is False:
            return out | {"additionalProperties": False}
        return out | {"additionalProperties": self._node(extra, depth)} if is_node(extra) and extra else out

    def _is_read_only(self, schema: object) -> bool:
        try:
            return is_node(schema) and bool(self._document.flatten(schema)[0].get("readOnly"))
        except BrokenDescription:
            return False


def left_out(schema: Node) -> bool:
    """Whether anything of a shaped schema was left out. A text cannot hold these bytes: its quotes are escaped."""
    return _LEFT_OUT in msgspec.json.encode(schema)
