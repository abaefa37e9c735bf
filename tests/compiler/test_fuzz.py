"""Descriptions with one thing wrong, whatever and wherever it is: what can be compiled is, the rest is told."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import pytest

from tests.compiler.describe import Node, body, document, manifest, operation, parameter
from tests.compiler.discovery import small
from trunkline.compiler.service import CompiledService, compile_service
from trunkline.contract import InvalidManifest

THING: Node = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["a"]},
        "inner": {"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
        "list": {"allOf": [{"type": "array", "items": {"type": "integer", "minimum": 1}}]},
    },
    "discriminator": {"propertyName": "kind"},
}
LIST: Node = {"type": "object", "properties": {"items": {"type": "array", "items": {}}}}
OPENAPI = document(
    {
        "/things/{id}": {
            "parameters": [parameter("id", "path", required=True)],
            "post": operation(
                parameters=[parameter("q"), {"$ref": "#/components/parameters/P"}],
                requestBody=body({"$ref": "#/components/schemas/Thing"}),
                security=[{"key": list[str]()}],
            ),
            "get": operation(
                operationId="listThings",
                parameters=[parameter("page", schema={"type": "integer"})],
                responses={"200": {"content": {"application/json": {"schema": LIST}}}},
            ),
        }
    },
    servers=[{"url": "https://api.acme.test/{v}", "variables": {"v": {"default": "1"}}}],
    components={
        "parameters": {"P": parameter("p", "header")},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x"}},
        "schemas": {"Thing": THING},
    },
)
WRONG: tuple[Any, ...] = (
    None,
    0,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    [1],
    {"a": 1},
    [[]],
    {"$ref": 5},
    {"$ref": "#/components/schemas/Thing"},
)
SAMPLE = 120


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in `node`."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        inner = cast("dict[str, Any]", node).items()
    elif isinstance(node, list):
        inner = enumerate(cast("list[Any]", node))
    for key, value in inner:
        yield (*at, key)
        yield from places(value, (*at, key))


def changed(root: Node, place: tuple[Any, ...], value: Any) -> Node:
    copy = json.loads(json.dumps(root))
    node = copy
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return copy


MUTATIONS: list[tuple[tuple[Any, ...], Any]] = [(place, value) for place in places(OPENAPI) for value in WRONG]


def told(compile: Callable[[Node], CompiledService], root: Node) -> tuple[str, ...]:
    """What the compiler complains of."""
    try:
        return compile(root).problems
    except InvalidManifest as refused:
        return (refused.message,)


def compiled(root: Node) -> CompiledService:
    return compile_service(manifest(), [("npm:acme:openapi.json", json.dumps(root).encode())])


def check(place: tuple[Any, ...], value: Any) -> None:
    problems = told(compiled, changed(OPENAPI, place, value))
    assert all("acme" in problem for problem in problems), (place, value, problems)


@pytest.mark.parametrize(("place", "value"), random.Random(7).sample(MUTATIONS, SAMPLE))
def test_one_wrong_thing_costs_no_more_than_its_operation(place: tuple[Any, ...], value: Any) -> None:
    check(place, value)


@pytest.mark.slow
def test_no_wrong_thing_anywhere_takes_the_compiler_down() -> None:
    for place, value in MUTATIONS:
        check(place, value)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("paths",), 5, "paths: missing"),
        (("openapi",), "9.0", "not an OpenAPI 3.0, 3.1 or Swagger 2.0 description"),
        (("paths", "/things/{id}"), 5, "/things/{id}: an object was expected, not int"),
        (("paths", "/things/{id}", "post", "parameters", 0), 5, "createThing: an object was expected, not int"),
        (
            ("paths", "/things/{id}", "post", "parameters", 0, "in"),
            "mind",
            "createThing: a parameter without a name or",
        ),
        (("components", "parameters", "P"), {"$ref": "#/nowhere"}, "createThing: $ref '#/nowhere' leads nowhere"),
        (("components", "schemas", "Thing"), 5, "a schema was expected, not int: anything is accepted there"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(place: tuple[Any, ...], value: Any, said: str) -> None:
    assert said in " | ".join(told(compiled, changed(OPENAPI, place, value)))


def test_references_that_expand_to_more_than_a_gigabyte_become_a_small_schema() -> None:
    """Ten levels of ten properties each: 10^10 objects if anybody spelled them out."""
    schemas: Node = {
        f"S{level}": {
            "type": "object",
            "properties": {f"p{n}": {"$ref": f"#/components/schemas/S{level + 1}"} for n in range(10)},
            "required": [f"p{n}" for n in range(level % 2 * 3)],
        }
        for level in range(10)
    } | {"S10": {"type": "string"}}
    post = operation(requestBody=body({"$ref": "#/components/schemas/S0"}))
    result = compiled(document({"/things": {"post": post}}, components={"schemas": schemas}))
    (spec,) = result.specs
    assert len(spec.input_schema) < 64 << 10


DISCOVERY = small.document(
    {"insert": small.method("insert", request={"$ref": "Thing"}, response={"$ref": "Thing"})},
    {"Thing": {"id": "Thing", "type": "object", "properties": {"a": {"type": "string", "description": "x"}}}},
)


@pytest.mark.parametrize("place", list(places(DISCOVERY)), ids=lambda place: "/".join(map(str, place)))
def test_a_discovery_document_with_something_wrong_is_compiled_or_refused(place: tuple[Any, ...]) -> None:
    for value in WRONG:
        assert all("acme" in problem for problem in told(small.compiled, changed(DISCOVERY, place, value)))
