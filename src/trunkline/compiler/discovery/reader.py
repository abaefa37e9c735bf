"""Reads the discovery documents of one service."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.discovery.methods import Method, Variant, methods, variants
from trunkline.compiler.discovery.names import effect, names, rank
from trunkline.compiler.discovery.schemas import Components
from trunkline.compiler.document import Document
from trunkline.compiler.draft import Draft, Outline, Reading, Texts
from trunkline.compiler.node import Node, is_node
from trunkline.compiler.operation import Operation, OperationCompiler
from trunkline.contract import InvalidManifest, Plan

_VERSION_HEADER = "X-Goog-Api-Version"


def read(manifest: Manifest, texts: Texts) -> Reading:
    """Every method of (source id, document). Raises InvalidManifest if no document can be read at all."""
    drafts: list[Draft] = []
    problems: list[str] = []
    parts: Node = {}
    for source, text in texts:
        try:
            drafts += _drafts(manifest, _parse(text, source), parts, problems)
        except InvalidManifest as problem:
            problems.append(problem.message)
    if not drafts:
        raise InvalidManifest(f"{manifest.id}: {'; '.join(problems) or 'no methods'}")
    return Reading(tuple(drafts), tuple(problems), parts)


def _parse(text: bytes, source: str) -> Node:
    try:
        root = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidManifest(f"{source}: not JSON: {error}") from error
    if not is_node(root) or not isinstance(root.get("rootUrl"), str):
        raise InvalidManifest(f"{source}: not a discovery document: no rootUrl")
    return root


def _drafts(manifest: Manifest, root: Node, parts: Node, problems: list[str]) -> Iterator[Draft]:
    components = Components(root)
    described: Node = {"openapi": "3.0.3", "servers": [{"url": root["rootUrl"]}], "paths": {}}
    compiler = OperationCompiler(Document(described | {"components": {"schemas": components.all}}), manifest, parts)
    found = list(methods(root))
    patched = {method.chain for method in found if method.name == "patch"}
    for method in found:
        try:
            ways = list(variants(root, method, components))
        except (KeyError, TypeError, AttributeError) as problem:
            # Published documents break the promises of their format too; one method must not cost the others.
            problems.append(f"{manifest.id}: {method.name}: {type(problem).__name__}: {problem}")
            continue
        for way in ways:
            yield _draft(compiler, method, way, names(method, has_patch=method.chain in patched, kind=way.kind))


def _draft(compiler: OperationCompiler, method: Method, way: Variant, wanted: list[str]) -> Draft:
    operation = Operation(way.path, method.http, {}, way.node)
    id = f"{method.id}/{way.kind}" if way.kind else method.id
    return Draft(
        id=id,
        keys=(id, operation.place),
        name=wanted[0],
        order=(bool(way.kind), way.node["deprecated"], *rank(method), method.id),
        others=lambda: wanted[1:],
        compile=lambda name: _compiled(compiler.compile(operation, name), method, name),
    )


def _compiled(outline: Outline, method: Method, name: str) -> Outline:
    """What Google's documents say better than their OpenAPI shape does."""
    version = method.node.get("apiVersion")
    plan = outline.plan
    if version and isinstance(plan, Plan):
        plan = msgspec.structs.replace(plan, headers={_VERSION_HEADER: str(version)})
    return replace(outline, effect=effect(method, name), plan=plan)
