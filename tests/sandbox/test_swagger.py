"""Swagger 2.0 descriptions are read as OpenAPI 3.0."""

from typing import Any

import pytest

from tests.sandbox.small import places
from trunkline.sandbox.answer import Sent
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.request import Request
from trunkline.sandbox.service import Match, Service

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "id": {"type": "integer"}}}
OK = {
    "200": {
        "description": "fine",
        "schema": {"$ref": "#/definitions/Pet"},
        "examples": {"application/json": {"name": "Rex"}},
    }
}
ROOT: dict[str, Any] = {
    "swagger": "2.0",
    "host": "pets.example.com",
    "basePath": "/v2/",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "basic": {"type": "basic"}},
    "security": [{"key": []}],
    "definitions": {"Pet": PET},
    "parameters": {"limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 10}},
    "paths": {
        "/pets": {
            "parameters": [{"$ref": "#/parameters/limit"}],
            "get": {
                "parameters": [
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "integer"}},
                    {
                        "name": "ids",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "integer"},
                        "collectionFormat": "multi",
                    },
                ],
                "responses": OK,
            },
            "post": {
                "parameters": [
                    {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
                ],
                "responses": OK,
            },
            "put": {
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [{"name": "age", "in": "formData", "type": "integer", "required": True}],
                "responses": {"204": {"description": "done"}},
            },
            "patch": {
                "consumes": ["multipart/form-data"],
                "parameters": [{"name": "photo", "in": "formData", "type": "file", "required": True}],
                "security": [{"basic": []}],
                "responses": {"204": {"description": "done"}},
            },
        },
    },
}
PETS = Service(Site("pets", ("pets.example.com",)), [ROOT])
JSON, FORM = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": "Basic dTpw"}
PHOTO = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n\x89PNG\r\n--b--\r\n'


def refused(
    method: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
) -> list[tuple[str, str, str]]:
    request = Request.of(method, f"pets.example.com/v2/pets{query}", {"X-Key": "k", **(headers or {})}, body)
    found = PETS.find(request.method, request.host, request.path)
    assert isinstance(found, Match)
    return places(found.operations[0].check(request, found.path_values).violations)


@pytest.mark.parametrize(
    ("method", "query", "headers", "body"),
    [
        ("GET", "?tags=1,2&ids=3&ids=4&limit=5", {}, b""),
        ("POST", "", JSON, b'{"name":"Rex"}'),
        ("PUT", "", FORM, b"age=3"),
        ("PATCH", "", MULTIPART, PHOTO),
    ],
)
def test_good_requests_pass(method: str, query: str, headers: dict[str, str], body: bytes) -> None:
    assert refused(method, query, headers, body) == []


@pytest.mark.parametrize(
    ("method", "query", "headers", "body", "violation"),
    [
        ("GET", "?tags=1,x", {}, b"", ("query", "/tags/1", "type")),
        ("GET", "?limit=11", {}, b"", ("query", "/limit", "maximum")),
        ("GET", "", {"X-Key": ""}, b"", ("header", "/X-Key", "credential")),
        ("POST", "", JSON, b'{"id":1}', ("body", "/name", "required")),
        ("POST", "", FORM, b"name=Rex", ("header", "/Content-Type", "media type")),
        ("PUT", "", FORM, b"age=old", ("body", "/age", "type")),
        ("PUT", "", {}, b"", ("body", "/age", "required")),
    ],
)
def test_wrong_requests_are_named(
    method: str, query: str, headers: dict[str, str], body: bytes, violation: tuple[str, str, str]
) -> None:
    assert refused(method, query, headers, body) == [violation]


def test_answers_come_from_its_examples() -> None:
    found = PETS.find("GET", "pets.example.com", "/v2/pets")
    assert isinstance(found, Match)
    assert found.operations[0].answer(Sent()).body == b'{"name":"Rex"}'
