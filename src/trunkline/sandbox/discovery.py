"""Google API discovery documents as OpenAPI 3.0: the parts that say how requests and answers look.

The format: https://developers.google.com/discovery/v1/reference/apis#resource. Methods are found by `flatPath`, which
spells out each segment of a resource's name; where that would lose segments (`.*` in the name's pattern), by `path`.
Of what a body must hold, only its own properties are checked, not those of objects inside it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from trunkline.sandbox.descriptions import Site, Texts, parse
from trunkline.sandbox.document import Json, Node, is_array, is_object
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request
from trunkline.sandbox.routes import holes
from trunkline.sandbox.service import Service, judged
from trunkline.sandbox.violation import Violation

_MANY = re.compile(r"/\{\+(\w+)\}(?=/|$)")
_TOKENS = frozenset(("access_token", "oauth_token"))  # credentials in the address, which no client should send
_NUMBERS: Mapping[str, type[int] | type[float]] = {"integer": int, "number": float}


class DiscoveryService(Service):
    """The judge of a service by its discovery documents."""

    @staticmethod
    def load(site: Site, texts: Texts) -> "DiscoveryService":
        """Raises InvalidManifest for a text that is not JSON."""
        return DiscoveryService(site, [converted(parse(text, source)) for source, text in texts])

    def judge(self, request: Request) -> Judgement | Violation:
        """Names of resources span segments, so that several templates may fit; the right one has patterns that do."""
        found = [judged(request, match) for match in self.matches(request.method, request.host, request.path)]
        if not found:
            return super().judge(request)
        return min(found, key=lambda judgement: len(judgement.violations))


def converted(root: Node) -> Node:
    """`root` as OpenAPI 3.0."""
    schemas = {name: _schema(schema) for name, schema in _objects(root.get("schemas")).items()}
    paths: dict[str, Json] = {}
    for method in _methods(root):
        for template, operation in _operations(root, method):
            paths[template] = {str(method["httpMethod"]).lower(): operation}
    return {
        "openapi": "3.0.3",
        "servers": [{"url": root.get("rootUrl", "/")}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _methods(resource: Node) -> Iterator[Node]:
    yield from _objects(resource.get("methods")).values()
    for inner in _objects(resource.get("resources")).values():
        yield from _methods(inner)


def _operations(root: Node, method: Node) -> Iterator[tuple[str, Node]]:
    """(template with a fragment of its own, operation): as it is, with a file sent, with the file as the answer."""
    id, path = method["id"], f"/{root.get('servicePath', '')}{_path(method)}"
    downloads = method.get("supportsMediaDownload") is True
    common = {name: node for name, node in _objects(root.get("parameters")).items() if name not in _TOKENS}
    if downloads and "alt" in common:
        alt = common.pop("alt")
        yield f"{path}?alt=media#{id}/download", _operation(path, method, common, _CONTENT)
        common["alt"] = {**alt, "enum": [kind for kind in alt.get("enum", ()) if kind != "media"]}
    yield f"{path}#{id}", {**_operation(path, method, common, _answer(method)), **_body(root, method)}
    upload = _objects(_objects(method.get("mediaUpload")).get("protocols")).get("simple")
    if upload:
        kinds = {"uploadType": {"type": "string", "enum": ["media", "multipart"], "required": True}}
        template = _flat(str(upload["path"]), method)
        operation = _operation(template, method, {**common, **kinds}, _answer(method))
        yield f"{template}#{id}/upload", operation | {"requestBody": _file(method)}


_CONTENT: Node = {"200": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


def _path(method: Node) -> str:
    path = str(method["path"])
    named = _MANY.findall(f"/{path}")
    patterns = [str(_objects(method.get("parameters")).get(name, {}).get("pattern", ".*")) for name in named]
    return path if any(".*" in pattern for pattern in patterns) else str(method.get("flatPath", path))


def _flat(path: str, method: Node) -> str:
    """The path of an upload, spelled out as that of its method is."""
    before, said, after = path.partition(str(method["path"]))
    return before + _path(method) + after if said else path


def _operation(path: str, method: Node, common: Mapping[str, Node], responses: Node) -> dict[str, Json]:
    declared = _objects(method.get("parameters"))
    in_path = [_parameter(name, "path", declared.get(name, {"type": "string"})) for name in holes(path)]
    queries = {**common, **{name: node for name, node in declared.items() if node.get("location") == "query"}}
    in_query = [_parameter(name, "query", node) for name, node in queries.items()]
    return {"operationId": method["id"], "parameters": in_path + in_query, "responses": responses}


def _parameter(name: str, where: str, node: Node) -> Node:
    schema = _schema(node)
    return {
        "name": name,
        "in": where,
        "required": where == "path" or node.get("required") is True,
        "schema": {"type": "array", "items": schema} if node.get("repeated") is True else schema,
    }


def _answer(method: Node) -> Node:
    ref = _ref(method, "response")
    if ref is None:
        return {"200": {}}
    return {"200": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}}}


def _request(root: Node, method: Node) -> Node | None:
    """The schema of the body, with the properties that this method needs of it (`annotations.required`)."""
    ref = _ref(method, "request")
    if ref is None:
        return None
    properties = _objects(_objects(root.get("schemas")).get(ref, {}).get("properties"))
    needed = [name for name, node in properties.items() if method["id"] in _needed_by(node)]
    return {"allOf": [{"$ref": f"#/components/schemas/{ref}"}, {"required": needed}]}


def _needed_by(node: Node) -> list[Json]:
    ids = _objects(node).get("annotations", {}).get("required")
    return ids if is_array(ids) else []


def _ref(method: Node, what: str) -> str | None:
    return _objects(method).get(what, {}).get("$ref")


def _body(root: Node, method: Node) -> Node:
    schema = _request(root, method)
    return {} if schema is None else {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _file(method: Node) -> Node:
    """A file, or it and the JSON beside it, of which nothing is required: the file may say it all (a mail)."""
    ref = _ref(method, "request")
    schema: Node = {"$ref": f"#/components/schemas/{ref}"}
    described: Node = {} if ref is None else {"multipart/related": {"schema": schema}}
    return {"required": True, "content": {**described, "*/*": {}}}


def _schema(node: Node) -> dict[str, Json]:
    """A schema of draft 3 as one of OpenAPI: references by pointer, numbers as numbers, `any` as no type."""
    if isinstance(node.get("$ref"), str):
        return {"$ref": f"#/components/schemas/{node['$ref']}"}
    out: dict[str, Json] = {key: node[key] for key in ("type", "format", "enum", "pattern", "readOnly") if key in node}
    if out.get("type") == "any":
        del out["type"]
    number = _NUMBERS.get(str(node.get("type")))
    for bound in ("minimum", "maximum"):
        if number is not None and bound in node:
            out[bound] = number(node[bound])
    if is_object(node.get("properties")):
        out["properties"] = {name: _schema(child) for name, child in _objects(node["properties"]).items()}
    for key in ("items", "additionalProperties"):
        if is_object(node.get(key)):
            out[key] = _schema(cast("Node", node[key]))
    return out


def _objects(node: Json) -> dict[str, Node]:
    """The objects of an object, by name."""
    return {name: child for name, child in node.items() if is_object(child)} if is_object(node) else {}
