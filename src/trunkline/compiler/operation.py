"""One operation of a description -> one tool."""

import hashlib
from dataclasses import dataclass

import jsonschema_rs
import msgspec

from trunkline.catalog.manifest import Manifest, ToolEdit
from trunkline.compiler.arguments import Inputs
from trunkline.compiler.body import compile_body
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.effects import effect_of, is_idempotent
from trunkline.compiler.level import LEVELS
from trunkline.compiler.node import Node, child, nodes, strings
from trunkline.compiler.parameters import compile_parameters, of_operation
from trunkline.compiler.schema import TooLarge, size
from trunkline.compiler.security import hidden_parameters, is_anonymous
from trunkline.compiler.servers import Servers
from trunkline.compiler.text import plain
from trunkline.contract import Body, Effect, Parameter, Plan, ToolSpec
from trunkline.selection import signature, tokens

_TITLE = 80
_DESCRIPTION = 480
_NO_ANSWER = "*/*"


@dataclass(frozen=True)
class Operation:
    """Where an operation stands and what is known of it before its inputs are looked at."""

    path: str
    method: str  # upper case
    item: Node
    node: Node
    base_name: str  # verb_noun, unique within the service
    edit: ToolEdit

    @property
    def id(self) -> str:
        return operation_id(self.node, self.method, self.path)


@dataclass(frozen=True)
class _Compiled:
    schema: Node
    parameters: tuple[Parameter, ...]
    body: Body | None


def operation_id(node: Node, method: str, path: str) -> str:
    """The operationId, or `METHOD /path`."""
    return str(node.get("operationId") or f"{method} {path}")


class OperationCompiler:
    """Compiles the operations of one description."""

    def __init__(self, document: Document, manifest: Manifest) -> None:
        self._document = document
        self._manifest = manifest
        self._hidden = hidden_parameters(document, manifest)
        self._servers = Servers(document, manifest)

    def compile(self, operation: Operation, name: str) -> ToolSpec:
        """The tool called `name`. Raises BrokenDescription."""
        compiled = self._inputs(operation)
        node, edit = operation.node, operation.edit
        effect = edit.effect or effect_of(operation.method, operation.base_name)
        title = edit.title or _title(node, operation.base_name)
        description = edit.description or _description(node, title)
        schema = msgspec.json.encode(compiled.schema)
        line = signature.render(name, compiled.schema, description)
        spec = ToolSpec(
            name=name,
            service=self._manifest.id,
            category=self._manifest.category,
            operation=operation.id,
            title=title,
            description=description,
            effect=effect,
            idempotent=is_idempotent(operation.method, effect) if edit.idempotent is None else edit.idempotent,
            input_schema=schema,
            signature=line,
            signature_tokens=tokens.count(line),
            listing_tokens=tokens.count(_listing(name, title, description, schema, effect)),
            plan=self._plan(operation, compiled),
            keep=edit.keep,
            deprecated=node.get("deprecated") is True,
            anonymous=is_anonymous(node),
        )
        return msgspec.structs.replace(spec, digest=hashlib.sha256(msgspec.msgpack.encode(spec)).hexdigest())

    def _inputs(self, operation: Operation) -> _Compiled:
        """At the richest level that is small enough."""
        compiled: _Compiled | None = None
        for level in LEVELS:
            try:
                compiled = self._at_level(operation, Inputs.at(self._document, level, self._hidden))
            except TooLarge:
                continue
            if size(compiled.schema) <= level.size:
                break
        if compiled is None:
            raise BrokenDescription("its inputs have no end")
        _check_schema(compiled.schema)
        return _Compiled(_bounded(compiled.schema), compiled.parameters, compiled.body)

    def _at_level(self, operation: Operation, inputs: Inputs) -> _Compiled:
        described = of_operation(self._document, operation.path, operation.item, operation.node)
        parameters = compile_parameters(described, inputs)
        body = compile_body(operation.method, operation.node, inputs)
        return _Compiled(inputs.arguments.schema(), parameters, body)

    def _plan(self, operation: Operation, compiled: _Compiled) -> Plan:
        return Plan(
            method=operation.method,
            path=operation.path.partition("#")[0],
            parameters=compiled.parameters,
            body=compiled.body,
            base_url=self._servers.base_url(operation.item, operation.node),
            accept=_accept(self._document, operation.node),
        )


def _title(node: Node, base_name: str) -> str:
    title = plain(node.get("summary"), _TITLE).rstrip(".")
    human = base_name.replace("_", " ").capitalize()
    return human if not title or title.endswith("()") or " " not in title else title


def _description(node: Node, title: str) -> str:
    text = plain(node.get("description"), _DESCRIPTION)
    if not text or text.rstrip(".").lower() == title.lower():
        return title
    return text if text.lower().startswith(title.lower()) else f"{title}. {text}"


def _listing(name: str, title: str, description: str, schema: bytes, effect: Effect) -> str:
    """The tool as tools/list shows it."""
    hints = {"title": title, "readOnlyHint": effect.read_only, "destructiveHint": effect.destructive}
    shown = {"name": name, "description": description, "inputSchema": msgspec.Raw(schema), "annotations": hints}
    return msgspec.json.encode(shown).decode()


def _accept(document: Document, node: Node) -> str:
    """The media type of the good answer; JSON if it is offered."""
    for status, answer in nodes(node, "responses").items():
        if status.startswith("2"):
            kinds = [kind for kind in child(document.resolve(answer), "content") if "/" in kind]
            json_kind = next((kind for kind in kinds if kind.partition(";")[0].endswith(("/json", "+json"))), None)
            if kinds:
                return json_kind or (kinds[0] if "*" not in kinds[0] else _NO_ANSWER)
    return "application/json"


def _check_schema(schema: Node) -> None:
    """Raises BrokenDescription if the result is not a schema that our validator accepts."""
    try:
        jsonschema_rs.Draft202012Validator(schema)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise BrokenDescription(f"its input schema is not valid: {error}") from error


def _bounded(schema: Node) -> Node:
    """Where even the poorest level is too large, optional arguments are left unlisted, the last first.

    The plan still knows them, so a schema cut in this way does not forbid them. What is required and still too large
    is shown by its type alone, the largest first.
    """
    limit = LEVELS[-1].size
    if size(schema) <= limit:
        return schema
    out = {key: value for key, value in schema.items() if key != "additionalProperties"}
    properties = out["properties"] = dict(schema["properties"])
    required = strings(schema, "required")
    for name in [name for name in reversed(properties) if name not in required]:
        del properties[name]
        if size(out) <= limit:
            return out
    for name in sorted(properties, key=lambda name: size(properties[name]), reverse=True):
        shown = {key: properties[name][key] for key in ("type", "description") if key in properties[name]}
        properties[name] = shown
        if size(out) <= limit:
            break
    return out
