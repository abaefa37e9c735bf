"""The answer of describe_tools: the exact input schema of each tool, and what a call does."""

from collections.abc import Sequence
from typing import Final

import msgspec

from trunkline.catalog.more import More
from trunkline.contract import ToolSpec
from trunkline.gateway.meta import part as parts
from trunkline.gateway.meta.definitions import DESCRIBE
from trunkline.selection.signature import first_sentence

_DESCRIPTION_LENGTH: Final = 300
_HIDDEN: Final = 60  # arguments named without their schema
_EFFECTS: Final = {"read": "reads only", "write": "changes data", "delete": "deletes; cannot be undone"}


def block(spec: ToolSpec, more: More) -> str:
    """One tool: name, effect, description, schema as JSON text, and the fields of the answer where they are known.

    `more` is what the input schema leaves out; empty if it is whole.
    """
    effect = _EFFECTS[spec.effect] + (", safe to repeat" if spec.idempotent and not spec.effect.read_only else "")
    lines = [f"{spec.name} ({effect}{', deprecated' if spec.deprecated else ''})"]
    said = _said(spec)
    lines += [said] if said else []
    lines.append(f"input: {spec.input_schema.decode()}")
    if spec.name in more.tools:
        lines.append(_how_to_see_more(spec, more))
    if spec.keep:
        lines.append(f"returns: {', '.join(spec.keep)}")
    return "\n".join(lines)


def described_before(name: str, path: str) -> str:
    """The line for what the agent has read in this task already."""
    asked = {"names": [name], **({"path": path} if path else {}), "again": True}
    return f"{name}: described above, in this task. If that is lost: {DESCRIBE} {msgspec.json.encode(asked).decode()}"


def part(spec: ToolSpec, path: str, more: More) -> str:
    """The schema at `path` of one tool's input. Raises InvalidArguments if there is none."""
    shown = msgspec.json.decode(spec.input_schema)["properties"]
    return f"{spec.name} {path}: {parts.text(path, shown | more.tools.get(spec.name, {}), more.parts)}"


def _how_to_see_more(spec: ToolSpec, more: More) -> str:
    """That parts are left out, and how to see them; arguments that are not shown at all are named."""
    schema = msgspec.json.decode(spec.input_schema)
    hidden = [name for name in more.tools[spec.name] if name not in schema["properties"]]
    path = parts.first_cut(schema) or next(iter(hidden or more.tools[spec.name]))
    ask = msgspec.json.encode({"names": [spec.name], "path": path}).decode()
    names = f"; among them {', '.join(hidden[:_HIDDEN])}" if hidden else ""
    return f"x-more: optional parts not shown, legal all the same{names}. To see them: {DESCRIBE} {ask}"


def unknown(name: str, near: Sequence[str]) -> str:
    """The line for a name that no tool has."""
    return f"{name}: no such tool." + (f" Similar: {', '.join(near)}" if near else "")


def _said(spec: ToolSpec) -> str:
    """The description, cut at its first sentence if it is long."""
    text = " ".join((spec.description or spec.title).split())
    return text if len(text) <= _DESCRIPTION_LENGTH else first_sentence(text, _DESCRIPTION_LENGTH)
