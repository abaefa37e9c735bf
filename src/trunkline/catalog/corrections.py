"""What a manifest says its description has wrong about arguments: it demands too much, or calls a text a number."""

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
        """A copy of (part of) an OpenAPI 3 description, put right."""
        if isinstance(node, list):
            return [self.applied(each) for each in cast("list[Any]", node)]
        if not isinstance(node, dict):
            return node
        out = {key: self.applied(value) for key, value in cast("dict[str, Any]", node).items()}
        return self._relaxed(self._as_texts(out)) if "required" in out or self.texts else out

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
