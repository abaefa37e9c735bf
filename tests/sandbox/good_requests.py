"""Good requests, made from a description: values by the sandbox's generator, encoded here by the specification."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import orjson

from trunkline.contract import Variable
from trunkline.sandbox.credentials import alternatives
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document, RawOperation, is_array, is_object
from trunkline.sandbox.generate import Generator
from trunkline.sandbox.operation import Operation
from trunkline.sandbox.request import Request
from trunkline.sandbox.routes import holes
from trunkline.sandbox.service import Service

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
IGNORED_HEADERS = ("accept", "content-type", "authorization")


@dataclass(frozen=True)
class Draft:
    """A request before it is encoded: each value by its parameter's name, so that tests can spoil one."""

    operation: Operation
    path: dict[str, Any]
    query: dict[str, Any]
    headers: dict[str, Any]
    body: Any
    media_type: str
    credential: dict[str, str]
    extra: tuple[tuple[str, str], ...] = ()  # raw query pairs besides the declared ones
    raw_body: bytes | None = None
    method: str = ""

    def with_(self, **changes: Any) -> "Draft":
        return replace(self, **changes)

    def request(self, base: str) -> Request:
        """`base`: host and path before the template."""
        raw = self.operation.raw
        path = raw.template.partition("?")[0]
        for node in parameters(raw, "path"):
            path = path.replace("{" + node["name"] + "}", path_text(node, self.path[node["name"]]))
        pairs = [pair for node in parameters(raw, "query") if node["name"] in self.query for pair in self._pairs(node)]
        pairs += [*self.extra, *fixed_query(raw.template)]
        query = "&".join(f"{name}={value}" for name, value in pairs)
        sent = {name: header_text(value) for name, value in self.headers.items()} | self.credential
        body = self.raw_body if self.raw_body is not None else encoded(self.body, self.media_type, self._encoding())
        if body:
            sent["Content-Type"] = self.media_type + ("; boundary=edge" if self.media_type == MULTIPART else "")
        return Request.of(self.method or raw.method, f"{base}{path}?{query}", sent, body)

    def _pairs(self, node: dict[str, Any]) -> list[tuple[str, str]]:
        return query_pairs(node, self.query[node["name"]])

    def _encoding(self) -> dict[str, Any]:
        document = document_of(self.operation)
        body = document.node(self.operation.raw.node.get("requestBody"))
        return dict(document.node(document.node(body.get("content")).get(self.media_type)).get("encoding") or {})


def document_of(operation: Operation) -> Document:
    return dialect_of(operation).document


def dialect_of(operation: Operation) -> Dialect:
    return operation.dialects.requests


def parameters(raw: RawOperation, where: str) -> list[dict[str, Any]]:
    found = [dict(node) for node in raw.parameters if node.get("in") == where]
    return [node for node in found if where != "header" or node["name"].lower() not in IGNORED_HEADERS]


def schema_of(node: dict[str, Any]) -> Any:
    if "content" in node:
        return next(iter(node["content"].values())).get("schema", {})
    return node.get("schema", {})


def draft(operation: Operation, *, full: bool) -> Draft:
    """A good request; `full` sends optional parameters and properties too."""
    raw, document = operation.raw, document_of(operation)
    generator = Generator(dialect_of(operation), skip="readOnly")

    def values(where: str) -> dict[str, Any]:
        wanted = [it for it in parameters(raw, where) if full or where == "path" or it.get("required") is True]
        return {it["name"]: generator.value(schema_of(it), name=it["name"]) for it in wanted}

    request_body = document.node(raw.node.get("requestBody"))
    content = document.node(request_body.get("content"))
    media_type = next((it for it in (JSON, FORM, MULTIPART) if it in content), next(iter(content), ""))
    body = None
    if media_type and (full or media_type == FORM or request_body.get("required")):
        schema = document.node(content[media_type]).get("schema", {})
        body = generator.value(schema, lean=not full and media_type == JSON)
    return Draft(
        operation, values("path"), values("query"), values("header"), body, concrete(media_type), credential(operation)
    )


def concrete(media_type: str) -> str:
    return JSON if media_type in ("*/*", "application/*") else media_type.replace("/*", "/png")


def credential(operation: Operation) -> dict[str, str]:
    """Headers that satisfy the first way; a query key goes into the query as `?name` (see `Draft.extra`)."""
    way = alternatives(document_of(operation), operation.raw, operation.manifest)[0]
    made: dict[str, str] = {}
    for key in way:
        if key.where == "header":
            made[key.name] = {"basic": "Basic dTpw", "": "secret"}.get(key.scheme, f"{key.scheme.title()} secret")
    return made


def query_credential(operation: Operation) -> tuple[tuple[str, str], ...]:
    way = alternatives(document_of(operation), operation.raw, operation.manifest)[0]
    declared = {node["name"] for node in parameters(operation.raw, "query") if node.get("required") is True}
    return tuple((key.name, "secret") for key in way if key.where == "query" and key.name not in declared)


def fixed_query(template: str) -> Iterator[tuple[str, str]]:
    for pair in template.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name and "{" not in value:
            yield name, value


def text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def escaped(value: Any) -> str:
    return quote(text(value), safe="")


def header_text(value: Any) -> str:
    return ",".join(map(text, value)) if is_array(value) else text(value)


def path_text(node: dict[str, Any], value: Any) -> str:
    items = value if is_array(value) else [value]
    joined = ",".join(escaped(item) for item in items)
    return {"label": "." + joined, "matrix": f";{node['name']}={joined}"}.get(node.get("style", ""), joined)


def query_pairs(node: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    name, style = node["name"], node.get("style") or "form"
    explode = node.get("explode", style in ("form", "deepObject"))
    if "application/json" in node.get("content", ()):
        return [(quote(name), quote(orjson.dumps(value)))]
    if style == "deepObject":
        return (
            list(bracketed(name, value)) if (is_object(value) or is_array(value)) else [(quote(name), escaped(value))]
        )
    if is_object(value):
        flat = [(key, child) for key, child in value.items()]
        if explode:
            return [(quote(key), escaped(child)) for key, child in flat]
        return [(quote(name), ",".join(f"{escaped(key)},{escaped(child)}" for key, child in flat))]
    if is_array(value):
        if explode:
            return [(quote(name), escaped(item)) for item in value]
        delimiter = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(style, ",")
        return [(quote(name), delimiter.join(map(escaped, value)))]
    return [(quote(name), escaped(value))]


def bracketed(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if is_object(value):
        for key, child in value.items():
            yield from bracketed(f"{name}[{key}]", child)
    elif is_array(value):
        for index, child in enumerate(value):
            yield from bracketed(f"{name}[{index}]", child)
    else:
        yield quote(name), escaped("" if value is None else value)


def encoded(body: Any, media_type: str, encoding: dict[str, Any]) -> bytes:
    if body is None:
        return b""
    if media_type == FORM:
        pairs = [pair for name, value in body.items() for pair in form_pairs(name, value, encoding.get(name) or {})]
        return "&".join(f"{name}={value}" for name, value in pairs).encode()
    if media_type == MULTIPART and not is_object(body):
        body = {"file": "text"}
    if media_type == MULTIPART:
        return b"".join(part(name, value) for name, value in body.items()) + b"--edge--\r\n"
    if media_type.partition(";")[0].endswith(("json", "+json")):
        return orjson.dumps(body)
    return text(body).encode()


def form_pairs(name: str, value: Any, encoding: dict[str, Any]) -> list[tuple[str, str]]:
    if encoding.get("style") == "deepObject" and (is_object(value) or is_array(value)):
        return list(bracketed(name, value))
    if is_array(value) and not any(is_object(item) for item in value):
        if encoding.get("explode") is False:
            return [(quote(name), ",".join(map(escaped, value)))]
        return [(quote(name), escaped(item)) for item in value]
    return [(quote(name), escaped(value))]


def part(name: str, value: Any) -> bytes:
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"'.encode()
    if is_array(value) and not any(is_object(item) for item in value):
        return b"".join(part(name, item) for item in value)
    return head + b"\r\n\r\n" + text(value).encode() + b"\r\n"


def base_of(service: Service, operation: Operation) -> str:
    """A host and base path the operation is served at, with sample values in holes."""
    base = service.bases(operation.raw)[0]
    hosts = [sample(service.site, host) for host in service.site.hosts]
    host = next(host for host in hosts if re.fullmatch(base.host, host))
    return host + sample(service.site, base.template)


def sample(site: Site, template: str) -> str:
    """`template` with its {variables} filled in."""
    for name in holes(template):
        variable = site.variables.get(name, Variable())
        template = template.replace("{" + name + "}", variable.sample or "acme")
    return template


def is_expressible(draft: Draft) -> bool:
    """Whether the encoding can say it: a form, or a query, has no way to send an empty list or object."""
    sent = [*draft.query.values(), draft.body if draft.media_type in (FORM, MULTIPART) else None]
    return not any(map(has_empty, sent))


def has_empty(value: Any) -> bool:
    children: list[Any] = list(value.values()) if is_object(value) else value if is_array(value) else []
    return ((is_object(value) or is_array(value)) and not value) or any(map(has_empty, children))
