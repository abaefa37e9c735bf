"""Hand-written modules -> drafts of tools. The module is imported here, when the catalog is built."""

from typing import Any

import msgspec

from trunkline.catalog.manifest import PYTHON, Manifest
from trunkline.compiler.document import BrokenDescription
from trunkline.compiler.draft import Draft, Outline, Reading, Texts
from trunkline.compiler.node import Node
from trunkline.contract import InvalidManifest, PythonPlan, Tool, imported, tools_of


def read(manifest: Manifest, texts: Texts) -> Reading:
    """Every tool of the module. Raises InvalidManifest if it cannot be imported, or its hints make no schema."""
    drafts: list[Draft] = []
    for source, _ in texts:
        name = source.removeprefix(PYTHON)
        try:
            drafts += [_draft(name, tool) for tool in tools_of(imported(name))]
        except TypeError as error:
            raise InvalidManifest(f"{manifest.id}: {error}") from None
    return Reading(tuple(drafts))


def _draft(module: str, tool: Tool) -> Draft:
    return Draft(
        id=tool.name,
        keys=(tool.name,),
        name=tool.name,
        order=(tool.name,),
        others=list,
        compile=lambda _: _outline(module, tool),
    )


def _outline(module: str, tool: Tool) -> Outline:
    """Raises BrokenDescription for a tool without a docstring."""
    if not tool.description:
        raise BrokenDescription("its method has no docstring")
    return Outline(
        title="",
        description=tool.description,
        effect=tool.effect,
        idempotent=tool.idempotent,
        schema=schema_of(tool),
        plan=PythonPlan(module, tool.name),
    )


def schema_of(tool: Tool) -> Node:
    """The input schema: the method's parameters, without what only says how Python has them."""
    (reference,), definitions = msgspec.json.schema_components([tool.arguments])
    top: Node = _plain(definitions.pop(reference["$ref"].rpartition("/")[2]))
    return {**top, "$defs": _plain(definitions)} if definitions else top


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(each) for each in node]  # pyright: ignore[reportUnknownVariableType] - JSON
    if not isinstance(node, dict):
        return node
    out: Node = {key: _plain(each) for key, each in node.items() if key != "title" and (key, each) != ("required", [])}  # pyright: ignore[reportUnknownVariableType] - JSON
    if "default" in out and out["default"] is None:
        return _without_null({key: each for key, each in out.items() if key != "default"})
    return out


def _without_null(node: Node) -> Node:
    """What may be left out need not be null too."""
    forms = [form for form in node.get("anyOf", ()) if form != {"type": "null"}]
    if len(forms) != 1:
        return {**node, "anyOf": forms} if forms else node
    return {**forms[0], **{key: each for key, each in node.items() if key != "anyOf"}}
