"""Schemas as descriptions speak them: 3.0 and 3.1, and the departures named in `sandbox.dialect`."""

from typing import Any

import pytest

from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document

SCHEMAS: dict[str, Any] = {
    "Name": {"type": "string", "minLength": 2},
    "Tree": {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}, "required": ["size"]},
    "a/b": {"type": "integer"},
}


def dialect(version: str = "3.0.3", *, answers: bool = False) -> Dialect:
    return Dialect(Document({"openapi": version, "components": {"schemas": SCHEMAS}}), answers=answers)


CASES: list[Any] = [
    ({"$ref": "#/components/schemas/Name"}, "ab", True),
    ({"$ref": "#/components/schemas/Name"}, "a", False),
    ({"$ref": "#/components/schemas/a~1b"}, "x", False),
    ({"$ref": "#/components/schemas/Tree"}, {"size": 1, "child": {"size": 2, "child": {}}}, False),
    ({"$ref": "#/components/schemas/Nothing"}, 1, True),
    ({"$ref": "https://example.com/other.json"}, 1, True),
    ({"$ref": "#/components/schemas/Name", "nullable": True}, None, True),
    ({"type": "string"}, None, False),
    ({"type": "string", "nullable": True, "enum": ["a"]}, None, True),
    ({"allOf": [{"type": "string"}], "nullable": True}, None, True),
    ({"minimum": 1, "exclusiveMinimum": True}, 1, False),
    ({"exclusiveMinimum": 1}, 1, False),
    ({"maximum": 2, "exclusiveMaximum": False}, 2, True),
    ({"maximum": 2}, 2.5, False),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1, True),
    ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "x", False),
    ({"type": "string", "enum": [1, 3]}, "3", True),
    ({"enum": [1]}, True, False),
    ({"type": "uuid"}, 5, True),
    ({"type": "string", "required": True}, "x", True),
    ({"pattern": "^\\p{L}+$"}, "Zoë", True),
    ({"pattern": "^\\p{L}+$"}, "Z0e", False),
    ({"pattern": "(unclosed"}, "x", True),
    ({"format": "date-time"}, "2026-01-15T09:30:00Z", True),
    ({"format": "date-time"}, "2026-01-15 09:30", False),
    ({"format": "uuid"}, "not-a-uuid", False),
    ({"format": "date"}, "2026-02-30", False),
    ({"format": "phone-number"}, "whatever", True),
    ({"format": "byte"}, "****", False),
    ({"type": "integer", "format": "int32"}, 2**31, False),
    ({"type": "integer", "format": "int64"}, 2**31, True),
    (
        {"allOf": [{"properties": {"a": {}}, "additionalProperties": False}, {"properties": {"b": {}}}]},
        {"a": 1, "b": 1},
        True,
    ),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, False),
]


@pytest.mark.parametrize(("schema", "value", "valid"), CASES)
def test_a_value_is_valid_as_openapi_3_0_means_it(schema: Any, value: Any, valid: bool) -> None:
    assert dialect().is_valid(value, schema) is valid


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        ({"type": ["string", "null"]}, None, True),
        ({"const": 5}, 6, False),
        ({"$ref": "#/components/schemas/Name", "maxLength": 3}, "abcd", False),
        ({"prefixItems": [{"type": "integer"}]}, ["x"], False),
        ({"type": "null", "oneOf": [{"type": "string"}]}, "x", True),
        ({"type": "null", "oneOf": [{"type": "string"}]}, None, True),
        ({"type": "null", "oneOf": [{"type": "string"}]}, 1, False),
    ],
)
def test_a_value_is_valid_as_openapi_3_1_means_it(schema: Any, value: Any, valid: bool) -> None:
    assert dialect("3.1.0").is_valid(value, schema) is valid


def test_read_only_properties_are_required_of_answers_and_write_only_ones_of_requests() -> None:
    schema = {
        "required": ["id", "password"],
        "properties": {"id": {"readOnly": True}, "password": {"writeOnly": True}},
    }
    assert dialect().is_valid({"password": "p"}, schema)
    assert not dialect().is_valid({"id": 1}, schema)
    assert dialect(answers=True).is_valid({"id": 1}, schema)
    assert not dialect(answers=True).is_valid({"password": "p"}, schema)


def test_of_alternatives_the_one_that_was_meant_is_explained() -> None:
    schema = {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "required": ["a", "kind", "size"], "properties": {"kind": {"enum": ["x"]}}},
            {"type": "object", "properties": {"a": {"type": "integer"}}},
        ]
    }
    (found,) = dialect().violations({"a": "one"}, schema, "body")
    assert (found.pointer, found.rule, found.expected) == ("/a", "type", "integer")
    (none_meant,) = dialect().violations(5, schema, "body")
    assert (none_meant.pointer, none_meant.rule) == ("", "anyOf")
