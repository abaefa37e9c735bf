"""One service: its manifest and descriptions -> the rows of its tools."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from trunkline.catalog.manifest import Manifest, ToolEdit
from trunkline.compiler.document import METHODS, BrokenDescription, Document
from trunkline.compiler.naming import alternatives, base_name, wire_name
from trunkline.compiler.node import Node, is_node, nodes
from trunkline.compiler.operation import Operation, OperationCompiler, operation_id
from trunkline.contract import InvalidManifest, Service, ToolSpec


@dataclass(frozen=True)
class CompiledService:
    """`problems` are sentences: what was left out, and why."""

    service: Service
    specs: tuple[ToolSpec, ...]
    problems: tuple[str, ...]


def compile_service(manifest: Manifest, texts: Sequence[tuple[str, bytes]]) -> CompiledService:
    """Compiles every usable operation of (source id, description). A broken one is reported and left out.

    Raises InvalidManifest if no description can be read at all.
    """
    problems: list[str] = []
    documents: list[Document] = []
    for source, text in texts:
        try:
            documents.append(Document.parse(text, source))
        except InvalidManifest as problem:
            problems.append(problem.message)
    if not documents:
        raise InvalidManifest(f"{manifest.id}: {'; '.join(problems)}")
    found = [(document, operation) for document in documents for operation in _operations(document, manifest, problems)]
    specs = tuple(_compile(found, manifest, problems))
    problems += _unknown_edits(manifest, documents)
    return CompiledService(_service(manifest, specs, problems), specs, tuple(problems))


def _operations(document: Document, manifest: Manifest, problems: list[str]) -> Iterator[Operation]:
    for path, given in document.root["paths"].items():
        if not str(path).startswith("/"):
            continue  # an extension (x-…)
        try:
            item = document.resolve(given)
        except BrokenDescription as problem:
            problems.append(f"{manifest.id}: {path}: {problem}")
            continue
        for method in METHODS:
            node = item.get(method)
            if is_node(node) and method not in ("head", "options"):
                edit = _edit(manifest, node, method.upper(), path)
                if not edit.skip:
                    yield Operation(
                        path, method.upper(), item, node, edit.name or _name(document, node, method, path), edit
                    )


def _name(document: Document, node: Node, method: str, path: str) -> str:
    operation_id = str(node.get("operationId") or "")
    return operation_id if document.named else base_name(operation_id, method.upper(), path)


def _edit(manifest: Manifest, node: Node, method: str, path: str) -> ToolEdit:
    by_place = manifest.tools.get(f"{method} {path}")
    return by_place or manifest.tools.get(operation_id(node, method, path)) or ToolEdit()


def _compile(
    found: Sequence[tuple[Document, Operation]], manifest: Manifest, problems: list[str]
) -> Iterator[ToolSpec]:
    names = _names(manifest.id, [operation for _, operation in found])
    compilers: dict[int, OperationCompiler] = {}
    for document, operation in found:
        compiler = compilers.setdefault(id(document), OperationCompiler(document, manifest))
        try:
            yield compiler.compile(operation, names[id(operation)])
        except (BrokenDescription, RecursionError, KeyError, TypeError, AttributeError) as problem:
            # Descriptions break every promise of their format; one operation that does must not cost the others.
            kind = "" if isinstance(problem, BrokenDescription) else f"{type(problem).__name__}: "
            problems.append(f"{manifest.id}: {operation.id}: {kind}{problem}")


def _names(service: str, operations: Sequence[Operation]) -> dict[int, str]:
    """Wire names by id() of the operation. Of several with one name, the one with the shortest path keeps it."""
    order = sorted(operations, key=_precedence)
    clashes = Counter(operation.base_name for operation in operations)
    taken: set[str] = set()
    names: dict[int, str] = {}
    for operation in order:
        choices = [operation.base_name]
        if clashes[operation.base_name] > 1 and not operation.edit.name:
            choices += alternatives(operation.base_name, operation.method, operation.path)
        wanted = [wire_name(service, choice) for choice in choices]
        name = next((name for name in wanted if name not in taken), None) or wire_name(service, choices[-1], taken)
        taken.add(name)
        names[id(operation)] = name
    return names


def _precedence(operation: Operation) -> tuple[bool, bool, int, str, str]:
    deprecated = operation.node.get("deprecated") is True
    return not operation.edit.name, deprecated, len(operation.path), operation.path, operation.method


def _unknown_edits(manifest: Manifest, documents: Sequence[Document]) -> list[str]:
    known: set[str] = set()
    for document in documents:
        for path, item in nodes(document.root, "paths").items():
            for method, node in item.items():
                if is_node(node) and method in METHODS:
                    known |= {f"{method.upper()} {path}", str(node.get("operationId"))}
    return [f"{manifest.id}: tools: there is no operation {name!r}" for name in manifest.tools if name not in known]


def _service(manifest: Manifest, specs: Sequence[ToolSpec], problems: list[str]) -> Service:
    service = manifest.service()
    if manifest.verify is None:
        return service
    method, _, path = manifest.verify.operation.partition(" ")
    for spec in specs:
        if spec.plan is not None and (spec.plan.method, spec.plan.path) == (method, path):
            if b'"required":' in spec.input_schema:
                break
            return msgspec.structs.replace(service, verify=spec.name)
    problems.append(f"{manifest.id}: verify: {manifest.verify.operation!r} is no operation without arguments")
    return service
