"""What a manifest says its description has wrong about arguments: it demands too much, or calls a text a number."""

from operator import is_not
from typing import Any, cast

import msgspec

_NUMBERS = ("number", "integer")


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of parameters and of properties, wherever they stand.

    `optional` are demanded, though the service does not; `texts` are said to be numbers, but are texts that must come
    back as they were given (Slack's `ts`, whose last digits may be zeros).
    """

    optional: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.optional or self.texts)

    def applied(self, node: Any) -> Any:
        """(Part of) an OpenAPI 3 description, put right; what there is nothing to put right in is not copied."""
        if isinstance(node, list):
            listed = cast("list[Any]", node)
            fresh = [self.applied(each) for each in listed]
            return fresh if any(map(is_not, fresh, listed)) else listed
        return self._of_object(cast("dict[str, Any]", node)) if isinstance(node, dict) else node

    def _of_object(self, node: dict[str, Any]) -> dict[str, Any]:
        inner: dict[str, Any] = {key: value for key, value in node.items() if isinstance(value, dict | list)}
        fresh = {key: right for key, value in inner.items() if (right := self.applied(value)) is not value}
        out = node | fresh if fresh else node
        return self._relaxed(self._as_texts(dict(out))) if "required" in out or self.texts else out

    def _relaxed(self, node: dict[str, Any]) -> dict[str, Any]:
        required = node.get("required")
        if isinstance(required, list):
            node["required"] = [name for name in cast("list[Any]", required) if name not in self.optional]
        elif required is True and node.get("name") in self.optional:
            node["required"] = False
        return node

    def _as_texts(self, node: dict[str, Any]) -> dict[str, Any]:
        if node.get("name") in self.texts and isinstance(node.get("schema"), dict):
            node["schema"] = _text(node["schema"])
        properties = node.get("properties")
        if isinstance(properties, dict):
            named = cast("dict[str, Any]", properties)
            node["properties"] = {name: _text(it) if name in self.texts else it for name, it in named.items()}
        return node


def _text(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    node = cast("dict[str, Any]", schema)
    if node.get("type") not in _NUMBERS:
        return node
    return {key: value for key, value in node.items() if key != "format"} | {"type": "string"}
