"""The answer of describe_tools: the exact input schema of each tool, and what a call does."""

from collections.abc import Sequence
from typing import Final

from trunkline.contract import ToolSpec
from trunkline.selection.signature import first_sentence

_DESCRIPTION_LENGTH: Final = 300
_EFFECTS: Final = {"read": "reads only", "write": "changes data", "delete": "deletes; cannot be undone"}


def block(spec: ToolSpec) -> str:
    """One tool: name, effect, description, schema as JSON text, and the fields of the answer where they are known."""
    effect = _EFFECTS[spec.effect] + (", safe to repeat" if spec.idempotent and not spec.effect.read_only else "")
    lines = [f"{spec.name} ({effect}{', deprecated' if spec.deprecated else ''})"]
    said = _said(spec)
    lines += [said] if said else []
    lines.append(f"input: {spec.input_schema.decode()}")
    if spec.keep:
        lines.append(f"returns: {', '.join(spec.keep)}")
    return "\n".join(lines)


def unknown(name: str, near: Sequence[str]) -> str:
    """The line for a name that no tool has."""
    return f"{name}: no such tool." + (f" Similar: {', '.join(near)}" if near else "")


def _said(spec: ToolSpec) -> str:
    """The description, cut at its first sentence if it is long."""
    text = " ".join((spec.description or spec.title).split())
    return text if len(text) <= _DESCRIPTION_LENGTH else first_sentence(text, _DESCRIPTION_LENGTH)
