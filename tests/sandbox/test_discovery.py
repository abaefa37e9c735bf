"""Services with Google's discovery documents: judged, and answered, from the document."""

import json
from typing import Any

import pytest

from trunkline.contract import AuthKind, AuthScheme
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.discovery import DiscoveryService
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

HOST = "acme.googleapis.test"
BEARER = {"Authorization": "Bearer secret"}
JSON = {"Content-Type": "application/json"}
THING = {"type": "object", "properties": {"title": {"type": "string", "annotations": {"required": ["acme.insert"]}}}}
ID = {"id": {"type": "string", "location": "path", "required": True}}
METHODS: dict[str, Any] = {
    "insert": {
        "httpMethod": "POST",
        "path": "things",
        "request": {"$ref": "Thing"},
        "response": {"$ref": "Thing"},
        "mediaUpload": {"accept": ["*/*"], "protocols": {"simple": {"path": "/upload/v1/things"}}},
    },
    "get": {
        "httpMethod": "GET",
        "path": "things/{id}",
        "parameters": ID,
        "response": {"$ref": "Thing"},
        "supportsMediaDownload": True,
    },
    "run": {
        "httpMethod": "POST",
        "path": "{+name}:run",
        "flatPath": "projects/{projectsId}/jobs/{jobsId}:run",
        "parameters": {"name": ID["id"] | {"pattern": "^projects/[^/]+/jobs/[^/]+$"}},
    },
    "list": {
        "httpMethod": "GET",
        "path": "things",
        "parameters": {"most": {"type": "integer", "minimum": "1", "location": "query"}},
    },
}
ROOT = {
    "rootUrl": f"https://{HOST}/",
    "servicePath": "v1/",
    "parameters": {"alt": {"type": "string", "enum": ["json", "media"]}},
    "methods": {name: {"id": f"acme.{name}"} | method for name, method in METHODS.items()},
    "schemas": {"Thing": THING},
}
SITE = Site("acme", (HOST,), f"https://{HOST}", auth=(AuthScheme(AuthKind.BEARER),), kind="discovery")
SERVICE = DiscoveryService.load(SITE, [("pypi:acme:acme.json", json.dumps(ROOT).encode())])
PARTS = (
    b'--edge\r\nContent-Type: application/json\r\n\r\n{"title": "T"}\r\n'
    b"--edge\r\nContent-Type: image/png\r\n\r\n\x00\r\n--edge--\r\n"
)
RELATED = {"Content-Type": "multipart/related; boundary=edge"}


def judged(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Judgement | Violation:
    return SERVICE.judge(Request.of(method, f"{HOST}{path}", BEARER | (headers or {}), body))


GOOD: list[tuple[str, str, dict[str, str], bytes, str]] = [
    ("POST", "/v1/things", JSON, b'{"title": "T"}', "/v1/things"),
    ("POST", "/upload/v1/things?uploadType=multipart", RELATED, PARTS, "/upload/v1/things"),
    ("GET", "/v1/things/7?alt=json", {}, b"", "/v1/things/{id}"),
    ("GET", "/v1/things/7?alt=media", {}, b"", "/v1/things/{id}?alt=media"),
    ("POST", "/v1/projects/p/jobs/j:run", {}, b"", "/v1/projects/{projectsId}/jobs/{jobsId}:run"),
    ("GET", "/v1/things?most=2", {}, b"", "/v1/things"),
]


@pytest.mark.parametrize(("method", "path", "headers", "body", "operation"), GOOD)
def test_a_good_request_is_known_by_its_method(
    method: str, path: str, headers: dict[str, str], body: bytes, operation: str
) -> None:
    found = judged(method, path, headers, body)
    assert isinstance(found, Judgement)
    assert (found.operation, found.violations) == (operation, ())
    assert found.answer().status == 200


BAD: list[tuple[str, str, dict[str, str], bytes, str]] = [
    ("POST", "/v1/things", JSON, b"{}", "body /title: required"),
    ("POST", "/v1/things", JSON, b'{"title": "T", "colour": 1}', "body /colour: unknown"),
    ("POST", "/v1/things", JSON, b'{"title": 7}', "body /title: type"),
    ("POST", "/upload/v1/things", RELATED, PARTS, "query /uploadType: required"),
    ("POST", "/upload/v1/things?uploadType=multipart", RELATED, b"--edge\r\n\r\n{}\r\n--edge--\r\n", "body : syntax"),
    ("GET", "/v1/things?most=0", {}, b"", "query /most: minimum"),
    ("GET", "/v1/things?least=0", {}, b"", "query /least: unknown"),
]


@pytest.mark.parametrize(("method", "path", "headers", "body", "wrong"), BAD)
def test_a_bad_request_is_refused_for_the_right_reason(
    method: str, path: str, headers: dict[str, str], body: bytes, wrong: str
) -> None:
    found = judged(method, path, headers, body)
    assert isinstance(found, Judgement)
    assert [f"{it.where} {it.pointer}: {it.rule}" for it in found.violations] == [wrong]


def test_what_no_method_is_at_is_no_operation() -> None:
    for method, path, rule in (("GET", "/v1/nothing", "route"), ("DELETE", "/v1/things", "method")):
        found = judged(method, path)
        assert isinstance(found, Violation)
        assert found.rule == rule
