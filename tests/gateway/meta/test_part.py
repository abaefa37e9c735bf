"""describe_tools with a path: the part of an input schema, within bounds, with further paths."""

import json
from typing import Any

import pytest

from trunkline.contract import InvalidArguments
from trunkline.gateway.meta import part

ARGUMENTS: dict[str, Any] = {"body": {"type": "array", "items": {"$ref": "#/$defs/Item"}}, "flat": {"type": "string"}}
PARTS: dict[str, Any] = {
    "Item": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "a.b": {"type": "integer"},
            "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}},
            "next": {"$ref": "#/$defs/Item"},
            "kind": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"type": "string"}]},
        },
    },
    "Cat": {"type": "object", "properties": {"lives": {"type": "integer"}}},
}


def shown(path: str) -> Any:
    return json.loads(part.text(path, ARGUMENTS, PARTS))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("flat", "string"),
        ("body[].name", "string"),
        ("body[0].a.b", "integer"),
        ("body.name", "string"),
        ("$.body[].next.next.labels.colour", "string"),
        ("body[].kind.lives", "integer"),
    ],
)
def test_a_path_leads_through_arrays_maps_references_and_variants(path: str, kind: str) -> None:
    assert shown(path)["type"] == kind


def test_a_part_comes_with_what_it_refers_to() -> None:
    assert shown("body[]")["$defs"].keys() == {"Item", "Cat"}
    assert shown("body[].kind")["$defs"]["Cat"] == PARTS["Cat"]


@pytest.mark.parametrize(("path", "known"), [("body[].nme", "name, a.b"), ("flat[]", "shorter"), ("no", "body, flat")])
def test_a_wrong_path_is_answered_with_what_there_is(path: str, known: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        shown(path)
    assert known in refused.value.hint


def test_what_does_not_fit_is_a_stub_that_a_further_path_shows() -> None:
    wide = {f"property_{number}": {"type": "string", "description": "Words. " * 5} for number in range(50)}
    parts = {f"Part{number}": {"type": "object", "properties": wide} for number in range(9)}
    arguments = {"it": {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in parts}}}
    text = part.text("it", arguments, parts)
    defs = json.loads(text)["$defs"]
    assert len(text) < 6_500
    assert defs["Part0"] == parts["Part0"]
    assert defs["Part8"] == {"type": "object", "x-more": 50}
    assert json.loads(part.text("it.Part8", arguments, parts))["properties"] == wide


def test_hundreds_of_properties_are_named_and_each_is_a_path() -> None:
    huge = {f"a_property_with_a_long_name_{number}": {"type": "string", "maxLength": 40} for number in range(200)}
    arguments = {"it": {"type": "object", "properties": huge}}
    text = part.text("it", arguments, {})
    assert len(text) < 6_500
    assert json.loads(text)["x-more"] == 200
    assert "maxLength" in part.text("it.a_property_with_a_long_name_199", arguments, {})


def test_of_an_enum_that_does_not_fit_the_first_values_are_shown() -> None:
    values = [f"an.event.with.a.long.name.{number}" for number in range(400)]
    found = json.loads(part.text("it", {"it": {"type": "array", "items": {"type": "string", "enum": values}}}, {}))
    assert found["items"]["enum"] == values[:60]
    assert found["items"]["x-more"] == 340


def test_the_first_cut_of_a_schema_is_found_wherever_it_is() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"items": {"anyOf": [{"properties": {"c": {"x-more": 3}}}]}}}
    }
    assert part.first_cut(schema) == "b[].c"
    assert part.first_cut({"properties": {"a": {}}}) == ""
