"""The row of a tool: its outline, as a person has edited it, with what it costs to show."""

import hashlib
from collections.abc import Sequence

import msgspec

from trunkline.catalog.manifest import Manifest, ToolEdit
from trunkline.compiler.document import BrokenDescription
from trunkline.compiler.draft import Outline
from trunkline.compiler.node import Node, nodes
from trunkline.compiler.paging import settled
from trunkline.compiler.text import plain
from trunkline.contract import Effect, ToolSpec
from trunkline.selection import signature, tokens

_TITLE = 80
_DESCRIPTION = 480


def row(manifest: Manifest, operation: str, name: str, base_name: str, outline: Outline, edit: ToolEdit) -> ToolSpec:
    """The tool called `name` on the wire; `base_name` is its verb_noun, `operation` the id of its operation."""
    effect = edit.effect or outline.effect
    title = edit.title or _title(outline.title, base_name)
    description = edit.description or _description(outline.description, title)
    shape = _demanding(outline.schema, edit.required)
    schema = msgspec.json.encode(shape)
    line = signature.render(name, shape, description)
    properties = nodes(shape, "properties")
    idempotent = effect is Effect.READ or outline.idempotent
    spec = ToolSpec(
        name=name,
        service=manifest.id,
        category=manifest.category,
        operation=operation,
        title=title,
        description=description,
        effect=effect,
        idempotent=idempotent if edit.idempotent is None else edit.idempotent,
        input_schema=schema,
        signature=line,
        signature_tokens=tokens.count(line),
        listing_tokens=tokens.count(_listing(name, title, description, schema, effect)),
        plan=outline.plan,
        keep=edit.keep,
        paging=settled(outline.paging, edit, manifest, properties) if effect is Effect.READ else None,
        deprecated=outline.deprecated,
        anonymous=outline.anonymous and manifest.anonymous,
    )
    return msgspec.structs.replace(spec, digest=hashlib.sha256(msgspec.msgpack.encode(spec)).hexdigest())


def _demanding(schema: Node, required: Sequence[str]) -> Node:
    """The input schema, with what a person knows to be required. Raises BrokenDescription for what is no argument."""
    unknown = [name for name in required if name not in nodes(schema, "properties")]
    if unknown:
        raise BrokenDescription(f"required: there is no argument {', '.join(unknown)}")
    return schema | {"required": [*schema.get("required", ()), *required]} if required else schema


def _title(text: object, base_name: str) -> str:
    title = plain(text, _TITLE).rstrip(".")
    human = base_name.replace("_", " ").capitalize()
    return human if not title or title.endswith("()") or " " not in title else title


def _description(published: object, title: str) -> str:
    text = plain(published, _DESCRIPTION)
    if not text or text.rstrip(".").lower() == title.lower():
        return title
    return text if text.lower().startswith(title.lower()) else f"{title}. {text}"


def _listing(name: str, title: str, description: str, schema: bytes, effect: Effect) -> str:
    """The tool as tools/list shows it."""
    hints = {"title": title, "readOnlyHint": effect.read_only, "destructiveHint": effect.destructive}
    shown = {"name": name, "description": description, "inputSchema": msgspec.Raw(schema), "annotations": hints}
    return msgspec.json.encode(shown).decode()
