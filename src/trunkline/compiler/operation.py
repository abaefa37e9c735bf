"""One operation of an OpenAPI description -> the outline of a tool."""

from dataclasses import dataclass

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.arguments import Inputs
from trunkline.compiler.body import compile_body
from trunkline.compiler.document import Document
from trunkline.compiler.draft import Outline
from trunkline.compiler.effects import effect_of, is_idempotent
from trunkline.compiler.fit import fit
from trunkline.compiler.fixed import fixed, headers, with_query
from trunkline.compiler.level import Level
from trunkline.compiler.node import Node, child, nodes
from trunkline.compiler.paging import arguments_of, detect, may_page
from trunkline.compiler.parameters import compile_parameters, of_operation, without_holes
from trunkline.compiler.response import good_response
from trunkline.compiler.security import hidden_parameters, is_anonymous
from trunkline.compiler.servers import Servers
from trunkline.compiler.whole import Whole, left_out
from trunkline.contract import Body, Paging, Parameter, Plan

_NO_ANSWER = "*/*"


@dataclass(frozen=True)
class Operation:
    """Where an operation stands."""

    path: str
    method: str  # upper case
    item: Node
    node: Node

    @property
    def id(self) -> str:
        """The operationId, or `METHOD /path`."""
        return str(self.node.get("operationId") or self.place)

    @property
    def place(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class _Inputs:
    parameters: tuple[Parameter, ...]
    body: Body | None
    wholes: dict[str, object]  # by argument: its schema in the description
    settled: dict[tuple[str, str], str]  # (place, name) -> the only legal value of a parameter


class OperationCompiler:
    """Compiles the operations of one description."""

    def __init__(self, document: Document, manifest: Manifest, parts: Node) -> None:
        """`parts` takes what the schemas that are kept whole refer to."""
        self._document = document
        self._whole = Whole(document, parts)
        self._hidden = hidden_parameters(document, manifest)
        self._servers = Servers(document, manifest)

    def compile(self, operation: Operation, name: str) -> Outline:
        """The tool called `name`, verb_noun. Raises BrokenDescription."""
        described = of_operation(self._document, operation.path, operation.item, operation.node)
        schema, inputs = fit(lambda level: self._at_level(operation, described, level))
        return Outline(
            title=operation.node.get("summary"),
            description=operation.node.get("description"),
            effect=effect_of(operation.method, name, operation.node.get("summary")),
            idempotent=is_idempotent(operation.method),
            schema=schema,
            plan=self._plan(operation, inputs),
            deprecated=operation.node.get("deprecated") is True,
            anonymous=is_anonymous(operation.node),
            whole=self._cut(schema, inputs.wholes),
            paging=self._paging(operation, inputs, schema),
        )

    def _cut(self, schema: Node, wholes: dict[str, object]) -> dict[str, Node]:
        """The whole schema of each argument of which something, or all, is not shown."""
        shown, is_whole = schema["properties"], not left_out(schema)
        cut = [name for name in wholes if name not in shown or (not is_whole and left_out(shown[name]))]
        return {name: self._whole.schema(wholes[name]) for name in cut}

    def _at_level(self, operation: Operation, described: list[Node], level: Level) -> tuple[Node, _Inputs]:
        inputs = Inputs.at(self._document, level, self._hidden)
        settled = fixed(inputs, operation.path, described)
        parameters = compile_parameters(
            (each for each in described if (each["in"], each["name"]) not in settled), inputs
        )
        body = compile_body(operation.method, operation.node, inputs)
        return inputs.arguments.schema(), _Inputs(parameters, body, inputs.arguments.wholes, settled)

    def _paging(self, operation: Operation, inputs: _Inputs, schema: Node) -> Paging | None:
        given = arguments_of(inputs.parameters, inputs.body, schema)
        if operation.method not in ("GET", "POST") or not may_page(given):
            return None
        return detect(given, good_response(self._document, operation.node), operation.path)

    def _plan(self, operation: Operation, inputs: _Inputs) -> Plan:
        return Plan(
            method=operation.method,
            path=with_query(without_holes(operation.path), inputs.settled),
            parameters=inputs.parameters,
            body=inputs.body,
            base_url=self._servers.base_url(operation.item, operation.node),
            headers=headers(inputs.settled),
            accept=_accept(self._document, operation.node),
        )


def _accept(document: Document, node: Node) -> str:
    """The media type of the good answer; JSON if it is offered."""
    for status, answer in nodes(node, "responses").items():
        if status.startswith("2"):
            kinds = [kind for kind in child(document.resolve(answer), "content") if "/" in kind]
            json_kind = next((kind for kind in kinds if kind.partition(";")[0].endswith(("/json", "+json"))), None)
            if kinds:
                return json_kind or (kinds[0] if "*" not in kinds[0] else _NO_ANSWER)
    return "application/json"
