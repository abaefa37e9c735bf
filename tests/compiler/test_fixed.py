"""Parameters that nobody has to be asked for."""

import pytest

from tests.compiler.describe import Node, document, only, operation, parameter, plan_of, schema_of
from trunkline.contract import ToolSpec

VERSION = parameter("api-version", required=True)


def get(given: list[Node], path: str = "/things", version: str = "2019-08-01", **more: object) -> ToolSpec:
    root = document({path: {"get": operation(parameters=given)}}, info={"title": "Acme", "version": version})
    return only(root, **more)


def test_azures_version_is_that_of_the_description() -> None:
    spec = get([VERSION, parameter("filter")])
    assert plan_of(spec).path == "/things?api-version=2019-08-01"
    assert list(schema_of(spec)["properties"]) == ["filter"]


def test_a_version_that_the_description_gives_as_the_default_is_sent() -> None:
    spec = get([parameter("api-version", schema={"type": "string", "default": "7.0"}, required=True)])
    assert plan_of(spec).path == "/things?api-version=7.0"


@pytest.mark.parametrize(
    ("given", "path", "version"),
    [
        (VERSION, "/things", "1.0"),
        (VERSION, "/{resourceId}", "2019-08-01"),
        (parameter("api-version"), "/things", "2019-08-01"),
        (parameter("version", required=True), "/things", "2019-08-01"),
    ],
    ids=["no date", "the version of what the caller names", "not required", "another name"],
)
def test_what_only_the_caller_can_know_is_asked_for(given: Node, path: str, version: str) -> None:
    assert given["name"] in schema_of(get([given], path, version))["properties"]


def test_one_legal_value_is_sent_without_asking() -> None:
    alone = {"type": "string", "enum": ["a b"]}
    spec = get([parameter("kind", schema=alone, required=True), parameter("X-Kind", "header", alone, required=True)])
    assert schema_of(spec)["properties"] == {}
    assert plan_of(spec).path == "/things?kind=a%20b"
    assert plan_of(spec).headers == {"X-Kind": "a b"}


def test_the_call_that_checks_a_credential_is_found_by_its_path_all_the_same() -> None:
    root = document({"/me": {"get": operation(parameters=[VERSION])}}, info={"title": "A", "version": "2019-08-01"})
    assert only(root, verify={"get": "/me"}).operation == "createThing"


@pytest.mark.parametrize("name", ["Accept", "Content-Type", "Authorization", "X-Key"])
def test_a_header_that_is_not_the_callers_is_none_of_these_either(name: str) -> None:
    alone = parameter(name, "header", {"type": "string", "enum": ["x"]}, required=True)
    spec = get([alone], auth=[{"header": "X-Key"}])
    assert plan_of(spec).headers == {}
    assert schema_of(spec)["properties"] == {}
