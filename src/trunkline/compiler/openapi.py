"""OpenAPI 3.0, 3.1 and Swagger 2.0 descriptions -> drafts of tools."""

from collections.abc import Iterator

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.document import METHODS, BrokenDescription, Document
from trunkline.compiler.draft import Draft, Reading, Texts
from trunkline.compiler.naming import alternatives, base_name
from trunkline.compiler.node import Node, is_node
from trunkline.compiler.operation import Operation, OperationCompiler
from trunkline.contract import InvalidManifest


def read(manifest: Manifest, texts: Texts) -> Reading:
    """Every operation of (source id, description). Raises InvalidManifest if no description can be read at all."""
    problems: list[str] = []
    documents: list[Document] = []
    for source, text in texts:
        try:
            documents.append(Document.parse(text, source, manifest.paths, manifest.corrections))
        except InvalidManifest as problem:
            problems.append(problem.message)
    if not documents:
        raise InvalidManifest(f"{manifest.id}: {'; '.join(problems)}")
    return of_documents(manifest, documents, problems)


def of_documents(manifest: Manifest, documents: list[Document], problems: list[str]) -> Reading:
    """Every operation of `documents`; `problems` are those met so far."""
    drafts: list[Draft] = []
    parts: Node = {}
    for document in documents:
        compiler = OperationCompiler(document, manifest, parts)
        drafts += [_draft(compiler, operation, document) for operation in _operations(document, manifest, problems)]
    return Reading(tuple(drafts), tuple(problems), parts, lambda: _lost(manifest, documents))


def _lost(manifest: Manifest, documents: list[Document]) -> list[str]:
    reasons = sorted({reason for document in documents for reason in document.lost})
    return [f"{manifest.id}: {reason}: anything is accepted there" for reason in reasons]


def _operations(document: Document, manifest: Manifest, problems: list[str]) -> Iterator[Operation]:
    for path, given in document.root["paths"].items():
        if not str(path).startswith("/") or not manifest.paths.admit(path):
            continue  # an extension (x-…), or another integration's
        try:
            item = document.resolve(given)
        except BrokenDescription as problem:
            problems.append(f"{manifest.id}: {path}: {problem}")
            continue
        for method in METHODS:
            node = item.get(method)
            if is_node(node) and method not in ("head", "options"):
                yield Operation(path, method.upper(), item, node)


def _draft(compiler: OperationCompiler, operation: Operation, document: Document) -> Draft:
    method, path = operation.method, operation.path
    operation_id = str(operation.node.get("operationId") or "")
    name = operation_id if document.named else base_name(operation_id, method, path)
    return Draft(
        id=operation.id,
        keys=(operation.place, operation.id),
        name=name,
        order=(operation.node.get("deprecated") is True, len(path), path, method),
        others=lambda: alternatives(name, method, path),
        compile=lambda given: compiler.compile(operation, given),
    )
