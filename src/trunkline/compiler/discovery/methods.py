"""Methods of a discovery document -> operations as OpenAPI describes them.

A method that takes or gives a file is several operations: its plain one, `upload` and `download`, each with the path
and the constant query that Google's own clients use (https://developers.google.com/workspace/drive/api/guides/manage-uploads).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trunkline.compiler.discovery.schemas import Components, shape
from trunkline.compiler.node import Node, child, nodes, strings

_HOLE = re.compile(r"\{(\+?)([^{}]+)\}")
_ANY = "application/octet-stream"
_FILE: Node = {"type": "string", "format": "binary", "description": "The content."}


@dataclass(frozen=True)
class Method:
    """`chain`: the resources it is nested in, outermost first."""

    chain: tuple[str, ...]
    name: str
    node: Node

    @property
    def id(self) -> str:
        return str(self.node["id"])

    @property
    def http(self) -> str:
        return str(self.node["httpMethod"]).upper()


@dataclass(frozen=True)
class Variant:
    """One way to call a method: `kind` is "" for the plain one, "upload" or "download"."""

    kind: str
    path: str
    node: Node


def methods(resource: Node, chain: tuple[str, ...] = ()) -> Iterator[Method]:
    """Every method at or below `resource`, which may be the document itself."""
    for name, node in nodes(resource, "methods").items():
        yield Method(chain, name, node)
    for name, inner in nodes(resource, "resources").items():
        yield from methods(inner, (*chain, name))


def variants(root: Node, method: Method, components: Components) -> Iterator[Variant]:
    """The ways to call `method`. A file that is all it takes, or all it gives, is its plain way."""
    node = method.node
    path = f"/{root.get('servicePath', '')}{node['path']}"
    upload = _upload_path(node)
    only_file = bool(upload) and "request" not in node
    only_content = node.get("supportsMediaDownload") is True and "response" not in node
    if not only_file and not only_content:
        yield Variant("", _plain(path), _operation(path, method, _json_body(method, components)))
    if upload:
        kind = "media" if only_file else "multipart"
        operation = _operation(upload, method, _file_body(method, components))
        yield Variant("" if only_file else "upload", f"{_plain(upload)}?uploadType={kind}", operation)
    if node.get("supportsMediaDownload") is True:
        operation = _operation(path, method, _json_body(method, components)) | {"responses": _CONTENT}
        yield Variant("" if only_content else "download", f"{_plain(path)}?alt=media", operation)


_CONTENT: Node = {"200": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


def _upload_path(node: Node) -> str:
    return str(child(child(child(node, "mediaUpload"), "protocols"), "simple").get("path", ""))


def _plain(path: str) -> str:
    return _HOLE.sub(r"{\2}", path)


def _operation(path: str, method: Method, body: Node) -> Node:
    reserved = {name for plus, name in _HOLE.findall(path) if plus}
    parameters = nodes(method.node, "parameters").items()
    out: Node = {
        "operationId": method.id,
        "description": method.node.get("description"),
        "deprecated": method.node.get("deprecated") is True,
        "parameters": [_parameter(name, node, name in reserved) for name, node in parameters],
    }
    response = child(method.node, "response").get("$ref")
    if response:
        answer = {"schema": {"$ref": f"#/components/schemas/{response}"}}
        out["responses"] = {"200": {"content": {"application/json": answer}}}
    return out | ({"requestBody": body} if body else {})


def _parameter(name: str, node: Node, reserved: bool) -> Node:
    schema = shape({key: value for key, value in node.items() if key != "description"})
    return {
        "name": name,
        "in": node["location"],
        "required": node.get("required") is True,
        "description": node.get("description"),
        "allowReserved": reserved,
        "schema": {"type": "array", "items": schema} if node.get("repeated") is True else schema,
    }


def _request(method: Method, components: Components) -> Node | None:
    name = child(method.node, "request").get("$ref")
    return components.request(str(name), method.id) if name else None


def _json_body(method: Method, components: Components) -> Node:
    schema = _request(method, components)
    return {"content": {"application/json": {"schema": schema}}} if schema else {}


def _file_body(method: Method, components: Components) -> Node:
    """The file alone, or the request's JSON and the file as the two parts of multipart/related (RFC 2387).

    What the method needs of its JSON (Gmail: the whole mail) is what the file brings.
    """
    media_type = _media_type(strings(child(method.node, "mediaUpload"), "accept"))
    request = child(method.node, "request").get("$ref")
    if not request:
        return {"required": True, "content": {media_type: {"schema": _FILE}}}
    file: Node = {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
    schema: Node = {"allOf": [file, {"$ref": f"#/components/schemas/{request}"}]}
    encoding = {"file": {"contentType": media_type}} if media_type != _ANY else {}
    return {"required": True, "content": {"multipart/related": {"schema": schema, "encoding": encoding}}}


def _media_type(accepted: list[str]) -> str:
    """One that the method takes, whatever the file is if it can be."""
    if _ANY in accepted or "*/*" in accepted:
        return _ANY
    concrete = [kind for kind in accepted if "*" not in kind]
    return concrete[0] if concrete else {"message/*": "message/rfc822", "image/*": "image/png"}.get(accepted[0], _ANY)
