"""Our requests are those of Google's own client: the same method, address and body for the same arguments.

For every tool, arguments are made from its input schema, once the required ones and once all. googleapiclient builds
its request of them too, by the names of the document, and refuses what the document does not allow.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from googleapiclient.discovery import build_from_document, fix_method_name, key2param
from googleapiclient.http import HttpRequest, MediaInMemoryUpload

from tests.support.folders import downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.request import Request, RequestBuilder
from trunkline.compiler.service import compile_service
from trunkline.contract import Body, Plan, ToolSpec
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.generate import Generator

Node = dict[str, Any]

MANIFESTS = {id: manifest for id, manifest in Manifests.load().by_id.items() if manifest.kind == "discovery"}
QUICK = ("gmail", "google-calendar", "google-docs", "google-drive", "google-run", "google-sheets")
SERVICES = [id if id in QUICK else pytest.param(id, marks=pytest.mark.slow) for id in sorted(MANIFESTS)]
# The pattern of an optional parameter is longer than an input schema shows: what is made up does not match it.
PATTERNS = ("google-admin-reports_get_customer_usage_report", "google-admin-reports_get_user_usage_report")


@dataclass(frozen=True)
class Clients:
    """googleapiclient for each document of a service, and where each method stands in it.

    Documents of two versions may share ids: each id has what it is called by in each version.
    """

    found: dict[str, dict[str, tuple[Any, tuple[str, ...]]]]

    @staticmethod
    def of(documents: list[Node]) -> "Clients":
        found: dict[str, dict[str, tuple[Any, tuple[str, ...]]]] = {}
        for document in documents:
            client = build_from_document(document, http=object())
            for id, steps in _methods(document, ()):
                found.setdefault(id, {})[document["version"]] = (client, steps)
        return Clients(found)

    def call(self, operation: str, path: str, arguments: Node) -> HttpRequest:
        versions = self.found[operation.partition("/")[0]]
        version = next((it for it in versions if f"/{it}/" in path), next(iter(versions)))
        client, (*resources, name) = versions[version]
        for resource in resources:
            client = getattr(client, fix_method_name(resource))()
        return getattr(client, fix_method_name(f"{name}_media" if path.endswith("?alt=media") else name))(**arguments)


def _methods(resource: Node, steps: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(id, steps) of each method that the client can call: a resource beside it of the same name hides it."""
    for name, method in resource.get("methods", {}).items():
        if name not in resource.get("resources", {}):
            yield method["id"], (*steps, name)
    for name, inner in resource.get("resources", {}).items():
        yield from _methods(inner, (*steps, name))


@pytest.mark.parametrize("name", SERVICES)
def test_a_request_equals_that_of_googleapiclient(name: str) -> None:
    sources = Sources(downloads(), mirror())
    texts = [(source, sources.fetch(source)) for source in MANIFESTS[name].sources]
    compiled = compile_service(MANIFESTS[name], texts)
    assert compiled.problems == ()
    clients = Clients.of([json.loads(text) for _, text in texts])
    generator = Generator(Dialect(Document({"openapi": "3.1.0"})))
    different: dict[str, Any] = {}
    for spec in compiled.specs:
        assert isinstance(spec.plan, Plan)
        if spec.operation.partition("/")[0] not in clients.found or spec.name in PATTERNS:
            continue
        builder = RequestBuilder(compiled.service, spec.plan)
        for lean in (True, False):
            arguments = generator.value(json.loads(spec.input_schema), lean=lean)
            ours, theirs = _said(builder.build(arguments, {})), _said_by_google(_theirs(clients, spec, arguments))
            if ours != theirs:
                different[spec.name] = (ours, theirs)
    assert not different


def _theirs(clients: Clients, spec: ToolSpec, arguments: Node) -> HttpRequest:
    plan = spec.plan
    assert isinstance(plan, Plan)
    given = {key2param(it.name): _text(arguments[it.argument]) for it in plan.parameters if it.argument in arguments}
    given |= _body(plan.body, arguments) if plan.body is not None else {}
    return clients.call(spec.operation, plan.path, given)


def _text(argument: Any) -> Any:
    """An integer as text: the client cannot look at the pattern of a number."""
    return str(argument) if type(argument) is int else argument


def _body(body: Body, arguments: Node) -> Node:
    """What the client takes as `body` and `media_body`."""
    if body.whole and not body.media_type.endswith("json"):
        return {"media_body": _media(arguments[body.whole], body.media_type)}
    if body.whole:
        return {"body": arguments[body.whole]} if body.whole in arguments else {}
    value = {it.name: arguments[it.argument] for it in body.fields if it.argument in arguments and not it.binary}
    file = next((it for it in body.fields if it.binary), None)
    if file is None:
        return {"body": value} if value else {}
    media = _media(arguments[file.argument], file.media_type or "application/octet-stream")
    return {"body": value, "media_body": media}


def _media(file: Any, media_type: str) -> MediaInMemoryUpload:
    content = file.encode() if isinstance(file, str) else base64.b64decode(file["content_base64"])
    return MediaInMemoryUpload(content, mimetype=media_type, resumable=False)


def _said(request: Request) -> Any:
    return request.method, *_address(request.url), _content(request.headers.get("Content-Type", ""), request.body)


def _said_by_google(request: HttpRequest) -> Any:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return request.method, *_address(request.uri), _content(request.headers.get("content-type", ""), body)


def _address(url: str) -> tuple[str, list[str], list[tuple[str, str]]]:
    """Host, segments and query, decoded.

    `alt=json`, which the client always sends, is the default of every method; a whole number that is no integer is
    written by the client with a fraction.
    """
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair != ("alt", "json")]
    plain = [(name, re.sub(r"^(-?\d+)\.0$", r"\1", value)) for name, value in query]
    return parts.netloc, [unquote(segment) for segment in parts.path.split("/")], sorted(plain)


def _content(content_type: str, body: bytes | None) -> Any:
    """JSON as a value, a JSON text with a file as both, a file as its bytes."""
    if content_type.startswith("multipart/related"):
        boundary = content_type.partition("boundary=")[2].strip('"').encode()
        first, second = [_part(piece) for piece in (body or b"").split(b"--" + boundary)[1:-1]]
        return json.loads(first[1]), second
    return body and (json.loads(body) if content_type.startswith("application/json") else body)


def _part(piece: bytes) -> tuple[str, bytes]:
    """(media type, content). Google's client ends lines with LF alone."""
    head, content = re.split(rb"\r?\n\r?\n", piece, maxsplit=1)
    found = re.search(rb"(?i)content-type: *([^\s;]+)", head)
    return found[1].decode() if found else "", content.removesuffix(b"\n").removesuffix(b"\r")
