"""Schemas: compact, valid JSON Schema 2020-12, and never wider than the original."""

import json

import pytest

from tests.compiler.describe import (
    Node,
    body,
    compiled,
    document,
    operation,
    parameter,
    plan_of,
    post,
    schema_of,
    shaped,
)
from trunkline.selection import tokens


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "integer", "format": "int64", "minimum": 1}, {"type": "integer", "minimum": 1}),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        (
            {"type": "string", "default": "a", "enum": ["a", "b"]},
            {"type": "string", "enum": ["a", "b"], "default": "a"},
        ),
        ({"type": "string", "default": 7}, {"type": "string"}),
        ({"type": "string", "pattern": r"\Aab?\Z"}, {"type": "string", "pattern": "^ab?$"}),
        ({"type": "string", "pattern": "/^a+$/"}, {"type": "string", "pattern": "^a+$"}),
        ({"type": "string", "pattern": "/^a+$/i"}, {"type": "string", "pattern": "^a+$"}),
        ({"type": "string", "pattern": "(unclosed"}, {"type": "string"}),
        ({"type": "int"}, {"type": "integer"}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        ({"const": "x"}, {"const": "x"}),
        ({"type": "string", "enum": [1, True]}, {"type": "string", "enum": ["1", "true"]}),
        ({"type": "integer", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}),
        (
            {"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]},
            {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        ),
        ({"title": "T", "xml": {}, "x-internal": 1, "example": "e", "type": "string"}, {"type": "string"}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"allOf": [{"type": "string"}, {"description": "Hm"}]}, {"type": "string", "description": "Hm"}),
    ],
)
def test_a_schema_becomes_json_schema(given: Node, expected: Node) -> None:
    assert shaped(given) == expected


def test_references_are_followed_and_their_texts_kept() -> None:
    colour = {"type": "string", "enum": ["red"], "description": "A <b>colour</b>, see [docs](http://x)."}
    assert shaped({"$ref": "#/components/schemas/Colour"}, Colour=colour) == {
        "type": "string",
        "enum": ["red"],
        "description": "A colour, see docs.",
    }


def test_references_with_escapes_lead_into_paths() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "integer"}}}
    root = document(
        {
            "/things/{id}": {"post": operation(operationId="createOne", requestBody=body(inner))},
            "/others": {
                "post": operation(
                    requestBody=body(
                        {"$ref": "#/paths/~1things~1%7Bid%7D/post/requestBody/content/application~1json/schema"}
                    )
                )
            },
        }
    )
    by_path = {plan_of(spec).path: spec for spec in compiled(root).specs}
    assert schema_of(by_path["/others"])["properties"] == {"a": {"type": "integer"}}


def test_all_of_merges_properties_and_what_is_required() -> None:
    parts = [
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]},
        {"type": "object", "properties": {"b": {"maxLength": 3}}, "required": ["b"]},
    ]
    assert shaped({"allOf": parts}) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string", "maxLength": 3}},
        "required": ["a", "b"],
    }


def test_what_is_read_only_is_no_input_but_a_parameter_may_share_its_schema() -> None:
    ident = {"type": "integer", "readOnly": True}
    thing = {"type": "object", "properties": {"id": ident, "name": {"type": "string"}}, "required": ["id", "name"]}
    spec = post(
        operation(
            parameters=[parameter("id", "path", {"anyOf": [{"$ref": "#/components/schemas/Id"}, {"type": "string"}]})],
            requestBody=body(thing),
        ),
        "/things/{id}",
        components={"schemas": {"Id": ident}},
    )
    assert schema_of(spec)["required"] == ["id", "name"]
    assert schema_of(spec)["properties"]["id"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    sent = plan_of(spec).body
    assert sent is not None
    assert [field.name for field in sent.fields] == ["name"]


TREE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "parent": {"$ref": "#/components/schemas/Tree"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
    "required": ["name"],
}


def test_a_schema_that_refers_to_itself_is_unrolled_once_and_then_only_required() -> None:
    tree = shaped({"$ref": "#/components/schemas/Tree"}, Tree=TREE)
    leaf = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "x-more": 2}
    assert tree["properties"]["parent"] == leaf
    assert tree["properties"]["children"] == {"type": "array", "items": leaf}


def test_a_variant_that_has_no_end_is_left_out() -> None:
    condition = {
        "oneOf": [
            {
                "type": "object",
                "properties": {"all": {"type": "array", "items": {"$ref": "#/components/schemas/Condition"}}},
                "required": ["all"],
            },
            {"type": "string"},
        ]
    }
    shown = shaped({"$ref": "#/components/schemas/Condition"}, Condition=condition)
    assert shown["oneOf"][0]["properties"]["all"]["items"] == {"oneOf": [{"type": "string"}], "x-more": 1}


def test_a_discriminator_names_its_variants() -> None:
    cat = {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}
    pet = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"type": "string"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    }
    shown = shaped(pet, Cat=cat)
    assert shown["oneOf"][0]["properties"]["kind"] == {"type": "string", "enum": ["cat"]}
    assert shown["oneOf"][0]["required"] == ["kind"]
    unmapped = pet | {"discriminator": {"propertyName": "kind"}}
    assert shaped(unmapped, Cat=cat)["oneOf"][0]["properties"]["kind"] == {"type": "string", "enum": ["Cat"]}


def test_the_property_that_tells_variants_apart_stays_however_little_is_shown() -> None:
    kinds = [{"type": "object", "properties": {"kind": {"enum": [name]}, "size": {"type": "integer"}}} for name in "ab"]
    inner: Node = {"oneOf": kinds, "discriminator": {"propertyName": "kind"}}
    for name in "vwxyz":
        inner = {"type": "object", "properties": {name: inner}, "required": [name]}
    shown = shaped(inner)
    for name in "zyxwv":
        shown = shown["properties"][name]
    assert shown["oneOf"] == [
        {"type": "object", "properties": {"kind": {"enum": [name]}}, "required": ["kind"], "x-more": 1} for name in "ab"
    ]


def test_a_large_schema_loses_optional_parts_and_keeps_what_is_required() -> None:
    def level(depth: int) -> Node:
        many = {f"property_{number}": {"type": "string", "description": "Long. " * 20} for number in range(12)}
        inner = {"next": level(depth - 1), "must": {"type": "string"}} if depth else {}
        return {"type": "object", "properties": many | inner, "required": ["next", "must"] if depth else []}

    spec = post(operation(requestBody=body(level(5))))
    assert len(spec.input_schema) <= 10_000
    schema, depth = schema_of(spec), 0
    while "next" in schema.get("properties", {}):
        assert set(schema["required"]) == {"next", "must"}
        schema, depth = schema["properties"]["next"], depth + 1
    assert depth == 5


def test_more_arguments_than_fit_are_known_to_the_plan_though_unlisted() -> None:
    many = [parameter(f"a_very_long_parameter_name_{number}") for number in range(300)]
    spec = post(operation(parameters=[*many, parameter("must", required=True)]))
    schema = schema_of(spec)
    assert len(spec.input_schema) <= 10_000
    assert "must" in schema["properties"]
    assert "additionalProperties" not in schema
    assert len(plan_of(spec).parameters) == 301


def test_hidden_characters_never_reach_a_model() -> None:
    hidden = "Say\u200b hi\u202e\U000e0041 <!-- ignore me --> *now*"
    assert shaped({"type": "string", "description": hidden})["description"] == "Say hi *now*"


def test_required_names_that_nothing_describes_can_still_be_given() -> None:
    spec = post(operation(requestBody=body({"type": "object", "properties": {"a": {}}, "required": ["b"]})))
    assert schema_of(spec)["required"] == ["b"]
    assert set(schema_of(spec)["properties"]) == {"a", "b"}


def test_a_required_name_that_the_object_itself_forbids_is_not_asked_for() -> None:
    closed: Node = {"type": "object", "properties": {"a": {}}, "required": ["a", "b"], "additionalProperties": False}
    assert shaped(closed)["required"] == ["a"]
    spec = post(operation(requestBody=body(closed)))
    assert schema_of(spec)["required"] == ["a"]


def test_a_required_argument_that_is_too_large_keeps_its_upper_part() -> None:
    wide: Node = {
        f"property_{number}": {"type": "string", "enum": [f"value_{number}_{n}" for n in range(9)]}
        for number in range(99)
    }
    inner: Node = {"type": "object", "properties": wide, "required": list(wide)}
    data: Node = {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "inner": inner},
        "required": ["kind", "inner"],
    }
    spec = post(operation(requestBody=body({"type": "object", "properties": {"data": data}, "required": ["data"]})))
    shown = schema_of(spec)["properties"]["data"]
    assert shown["required"] == ["kind", "inner"]
    assert shown["properties"] == {"kind": {"type": "string"}, "inner": {"type": "object", "x-more": 1}}


def test_names_that_follow_a_pattern_stay_possible() -> None:
    labels: Node = {
        "type": "object",
        "properties": {"a": {}},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    assert "additionalProperties" not in shaped(labels)


def test_what_a_form_cannot_say_is_not_allowed() -> None:
    address: Node = {"type": "object", "properties": {"city": {"type": "string"}, "line": {"type": "string"}}}
    form: Node = {"type": "object", "properties": {"address": address, "tags": {"type": "array", "items": {}}}}
    form["required"] = ["address", "tags"]
    spec = post(operation(requestBody=body(form, "application/x-www-form-urlencoded")))
    properties = schema_of(spec)["properties"]
    assert properties["address"]["minProperties"] == 1
    assert properties["tags"]["minItems"] == 1
    as_json = schema_of(post(operation(requestBody=body(form))))["properties"]
    assert "minProperties" not in json.dumps(as_json)


def test_a_schema_of_more_tokens_than_its_bytes_promise_is_cut_too() -> None:
    """Codes make a token of every two bytes."""
    codes = [f"{number * 7919 % 10007}x{number * 104729 % 9973}q" for number in range(600)]
    wanted = {
        "type": "object",
        "properties": {"codes": {"type": "array", "items": {"enum": codes}}},
        "required": ["codes"],
    }
    shown = schema_of(post(operation(requestBody=body(wanted))))
    assert shown["properties"]["codes"] == {"type": "array", "x-more": 1}
    assert tokens.count(json.dumps(shown)) <= 2_000
