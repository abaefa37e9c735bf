"""A whole service: broken parts, clashing names, a person's edits, several descriptions, Swagger 2.0."""

import json

import pytest

from tests.compiler.describe import (
    Node,
    body,
    compiled,
    document,
    manifest,
    operation,
    parameter,
    plan_of,
    schema_of,
    shaped,
)
from trunkline.compiler.service import compile_service
from trunkline.contract import Body, BodyField, Effect, InvalidManifest, Parameter

GOOD = operation(operationId="listThings")


def test_a_broken_operation_is_reported_and_the_others_load() -> None:
    broken = operation(operationId="broken", parameters=[{"$ref": "#/components/parameters/Gone"}])
    odd = operation(operationId="odd", requestBody={"$ref": "other.json#/x"})
    paths: Node = {
        "/a": {"get": GOOD},
        "/b": {"get": broken},
        "/c": {"post": odd},
        "/e": "no item",
        "/f": {"$ref": "#/gone"},
        "x-extension": {},
    }
    result = compiled(document(paths))
    assert [spec.name for spec in result.specs] == ["acme_list_things"]
    for name in ("broken", "odd", "/e", "/f"):
        assert any(name in problem for problem in result.problems), name


@pytest.mark.parametrize("nothing", [{"$ref": "#/components/schemas/Gone"}, {"$ref": "other.json#/x"}, {"allOf": [7]}])
def test_what_is_described_nowhere_may_be_anything_and_is_reported(nothing: Node) -> None:
    schema: Node = {"type": "object", "properties": {"a": nothing, "b": {"type": "array", "items": nothing}, "c": None}}
    result = compiled(document({"/things": {"post": operation(requestBody=body(schema))}}))
    assert schema_of(result.specs[0])["properties"] == {"a": {}, "b": {"type": "array"}, "c": {}}
    assert len(result.problems) == 2


def test_a_reference_leads_through_others_and_past_the_name_of_a_file() -> None:
    name = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}}
    schemas: Node = {"Alias": {"$ref": "#/components/schemas/Name"}, "Name": name}
    for ref in ("#/components/schemas/Alias/properties/name", "all.yaml#/components/schemas/Alias/properties/name"):
        assert shaped({"$ref": ref}, **schemas) == {"type": "string", "maxLength": 9}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"just: text", b'{"openapi": "4.0", "paths": {}}', b'{"openapi": "3.0.0"}']
)
def test_a_description_that_is_none_is_refused_by_name(text: bytes) -> None:
    with pytest.raises(InvalidManifest, match="npm:acme"):
        compile_service(manifest(), [("npm:acme:openapi.json", text)])


def test_one_unreadable_description_of_several_is_reported() -> None:
    good = json.dumps(document({"/a": {"get": GOOD}})).encode()
    result = compile_service(manifest(), [("npm:acme:a.json", good), ("npm:acme:b.json", b"{")])
    assert len(result.specs) == 1
    assert "b.json" in result.problems[0]


def test_yaml_is_read_as_json_would_be() -> None:
    text = b"""
openapi: 3.0.0
paths:
  /things:
    get:
      operationId: listThings
      summary: true if it lists
      parameters: [{name: on, in: query, schema: {type: string, enum: [yes, off, true, 2024-01-01]}}]
      responses: {200: {description: ok}}
"""
    (spec,) = compile_service(manifest(), [("x", text)]).specs
    assert schema_of(spec)["properties"] == {"on": {"type": "string", "enum": ["yes", "off", "2024-01-01"]}}


def test_yaml_dates_stay_texts() -> None:
    text = b"""
openapi: 3.0.0
paths:
  /a:
    get:
      operationId: listThings
      parameters: [{name: since, in: query, schema: {type: string, default: 2020-01-01}}]
"""
    (spec,) = compile_service(manifest(), [("npm:acme:a.yaml", text)]).specs
    assert schema_of(spec)["properties"]["since"]["default"] == "2020-01-01"


def test_operations_that_would_share_a_name_get_names_of_their_own() -> None:
    paths: Node = {
        "/v1/things/{id}": {"post": {}, "put": {}},
        "/v1/thing": {"put": {}},
        "/v1/things/{id}/{field}": {"put": {}},
    }
    result = compiled(document(paths))
    assert result.problems == ()
    assert sorted(spec.name for spec in result.specs) == [
        "acme_update_thing",
        "acme_update_thing_by_id",
        "acme_update_thing_field",
        "acme_update_thing_v1",
    ]


def test_a_description_of_ours_names_its_tools_itself() -> None:
    text = json.dumps(document({"/rows/first": {"get": operation(operationId="get_first_rows")}})).encode()
    for source, name in (("own:code/acme/openapi.yaml", "get"), ("npm:acme:openapi.json", "list")):
        (spec,) = compile_service(manifest(), [(source, text)]).specs
        assert spec.name == f"acme_{name}_first_rows"


def test_a_person_knows_better_than_the_description() -> None:
    paths: Node = {"/a": {"get": GOOD, "post": operation(operationId="makeThing")}, "/b": {"get": operation()}}
    edits = {
        "listThings": {"name": "find_things", "title": "Find", "description": "Finds.", "keep": ["id"]},
        "POST /a": {"effect": "delete", "idempotent": True},
        "createThing": {"skip": True},
        "gone": {"skip": True},
    }
    result = compiled(document(paths), tools=edits)
    by_name = {spec.name: spec for spec in result.specs}
    assert set(by_name) == {"acme_find_things", "acme_make_thing"}
    found = by_name["acme_find_things"]
    assert (found.title, found.description, found.keep) == ("Find", "Finds.", ("id",))
    assert (by_name["acme_make_thing"].effect, by_name["acme_make_thing"].idempotent) == (Effect.DELETE, True)
    assert result.problems == ("acme: tools: there is no operation 'gone'",)


def test_what_only_reads_may_be_repeated_whatever_its_method() -> None:
    root = document({"/search": {"post": operation(operationId="searchThings")}})
    assert [spec.idempotent for spec in compiled(root).specs] == [True]
    assert [spec.idempotent for spec in compiled(root, tools={"searchThings": {"effect": "write"}}).specs] == [False]


def test_verify_becomes_the_name_of_the_tool() -> None:
    root = document({"/me": {"get": operation(operationId="getMe")}})
    assert compiled(root, verify={"get": "/me"}).service.verify == "acme_get_me"
    assert "verify" in compiled(root, verify={"get": "/you"}).problems[0]


def test_descriptions_of_one_service_may_live_at_different_bases() -> None:
    first = document({"/a": {"get": GOOD}}, servers=[{"url": "https://api.acme.test"}])
    second = document(
        {"/b": {"get": operation(operationId="listOthers")}}, servers=[{"url": "https://api.acme.test/v2"}]
    )
    both = manifest(source={"openapi": ["npm:acme:a.json", "npm:acme:b.json"]})
    texts = [(source, json.dumps(root).encode()) for source, root in zip(both.sources, (first, second), strict=True)]
    specs = compile_service(both, texts).specs
    assert {spec.name: plan_of(spec).base_url for spec in specs} == {
        "acme_list_things": "",
        "acme_list_others": "https://api.acme.test/v2",
    }


def test_a_server_that_stands_for_the_tenants_own_is_the_services_base() -> None:
    own = document({"/a": {"get": GOOD}}, servers=[{"url": "https://your-site.acme.test"}])
    tenant = {"hosts": ["{site}.acme.test"], "variables": {"site": {"default": "your-site"}}}
    both = manifest(source={"openapi": ["npm:acme:a.json", "npm:acme:b.json"]}, **tenant)
    (spec,) = compile_service(both, [("npm:acme:a.json", json.dumps(own).encode())]).specs
    assert plan_of(spec).base_url == ""


SWAGGER: Node = {
    "swagger": "2.0",
    "host": "api.acme.test",
    "basePath": "/v1",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "parameters": {"Id": {"name": "id", "in": "path", "required": True, "type": "integer"}},
    "definitions": {"Thing": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
    "securityDefinitions": {"b": {"type": "basic"}, "k": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "paths": {
        "/things/{id}": {
            "parameters": [{"$ref": "#/parameters/Id"}],
            "put": {
                "operationId": "updateThing",
                "parameters": [
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    {"name": "ids", "in": "query", "type": "array", "items": {}, "collectionFormat": "multi"},
                    {"name": "X-Key", "in": "header", "type": "string"},
                    {"name": "thing", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Thing"}},
                ],
            },
            "post": {
                "operationId": "uploadThing",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "note", "in": "formData", "type": "string", "description": "A note."},
                ],
            },
        }
    },
}


def test_swagger_2_is_compiled_like_its_successor() -> None:
    result = compiled(SWAGGER)
    assert result.problems == ()
    by_name = {spec.name: spec for spec in result.specs}
    update = by_name["acme_update_thing"]
    assert schema_of(update)["required"] == ["id", "name"]
    assert list(schema_of(update)["properties"]) == ["id", "tags", "ids", "name"]
    assert plan_of(update).parameters[1:] == (
        Parameter("tags", "tags", "query", explode=False),
        Parameter("ids", "ids", "query"),
    )
    upload = by_name["acme_upload_thing"]
    assert plan_of(upload).body == Body(
        "multipart/form-data", (BodyField("file", "file", binary=True), BodyField("note", "note")), required=True
    )


def test_a_tool_says_what_it_costs_and_is_pinned_by_a_digest() -> None:
    root = document({"/a": {"get": GOOD | {"description": "Lists <b>all</b> things."}}})
    (spec,) = compiled(root).specs
    assert spec.signature.startswith("acme_list_things(")
    assert 0 < spec.signature_tokens < spec.listing_tokens
    (changed,) = compiled(document({"/a": {"get": GOOD | {"parameters": [parameter("q")]}}})).specs
    assert len(spec.digest) == 64
    assert changed.digest != spec.digest
