"""Values for a shape: plausible, the same every time, and the last page of what there is."""

import re
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_DEEPEST = 6
# Where the next page begins.
_NEXT = re.compile(
    r"next.*(token|marker|cursor)|marker|position|(continuation|pagination).*token|lastevaluated.*", re.IGNORECASE
)
_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def sample(shape: Shape, name: str = "", depth: int = 0) -> Any:
    """None where nothing can be said: a shape that goes on inside itself."""
    if isinstance(shape, StructureShape):
        return {} if shape.is_document_type else _structure(shape, depth)
    if isinstance(shape, ListShape):
        item = sample(shape.member, name, depth + 1)
        return [] if item is None else [item] * max(1, shape.metadata.get("min", 1))
    if isinstance(shape, MapShape):
        value = sample(shape.value, name, depth + 1)
        return {} if value is None else {sample(shape.key, "key"): value}
    return _scalar(shape, name)


def _structure(shape: StructureShape, depth: int) -> dict[str, Any] | None:
    if depth > _DEEPEST:
        return None
    made: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = None if _NEXT.fullmatch(name) else sample(member, name, depth + 1)
        if value is not None:
            made[name] = value
            if shape.is_tagged_union:
                return made
    return None if shape.is_tagged_union else made


def _scalar(shape: Shape, name: str) -> Any:
    least = int(shape.metadata.get("min", 0))
    match shape.type_name:
        case "boolean":
            return False
        case "integer" | "long":
            return max(least, 1)
        case "float" | "double":
            return float(max(least, 1))
        case "timestamp":
            return _TIME
        case "blob":
            return b"sandbox"
        case _:
            choices = shape.enum if isinstance(shape, StringShape) else []
            return choices[0] if choices else f"sandbox-{name.lower()}".ljust(least, "x")
