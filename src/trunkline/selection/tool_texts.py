"""What is read of a tool, as text: by field for the words, whole for the meaning."""

import re
from typing import Final, cast

import msgspec

from trunkline.contract import Plan, ToolSpec

_DESCRIPTION: Final = 600
_MEANT: Final = 300  # characters of a description that its meaning is taken from
_PARAMETER: Final = 80
_PARAMETERS: Final = 40
_ID = re.compile(r"(?:^|_)(?:id|token)$|[a-z](?:Id|ID|Token)$")
_HOLE = re.compile(r"\{[^}]*\}")


class _Schema(msgspec.Struct, frozen=True):
    properties: dict[str, object] = {}
    required: tuple[str, ...] = ()


def fields(spec: ToolSpec) -> dict[str, str]:
    """Field -> text, of the fields that are the tool's own."""
    return {
        "name": own_name(spec),
        "description": f"{spec.title}. {spec.description[:_DESCRIPTION]}",
        "parameters": _parameters(spec.input_schema),
        "path": _HOLE.sub(" ", operation(spec)),
    }


def meant(spec: ToolSpec, title: str) -> tuple[str, str]:
    """The tool's name with its service's `title`, and both with the description's beginning."""
    name = f"{title}: {own_name(spec)}"
    return name, f"{name}. {spec.description[:_MEANT]}"


def own_name(spec: ToolSpec) -> str:
    """The name without the service."""
    return spec.name.partition("_")[2] or spec.name


def operation(spec: ToolSpec) -> str:
    if isinstance(spec.plan, Plan):
        return f"{spec.plan.method} {spec.plan.path} {spec.operation}"
    return spec.operation


def required(spec: ToolSpec) -> tuple[str, ...]:
    """The arguments that a call must have; of a schema that does not say, those that are ids."""
    schema = msgspec.json.decode(spec.input_schema, type=_Schema)
    said = schema.required or tuple(name for name, described in schema.properties.items() if _is_required(described))
    return said or tuple(name for name in schema.properties if _ID.search(name))


def _is_required(described: object) -> bool:
    return isinstance(described, dict) and cast("dict[str, object]", described).get("required") is True


def _parameters(schema: bytes) -> str:
    """Names of the arguments and the beginning of what is said about them."""
    properties = msgspec.json.decode(schema, type=_Schema).properties
    parts: list[str] = []
    for name, described in list(properties.items())[:_PARAMETERS]:
        text = cast("dict[str, object]", described).get("description") if isinstance(described, dict) else None
        parts += (name, text[:_PARAMETER] if isinstance(text, str) else "")
    return " ".join(parts)
