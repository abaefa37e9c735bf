"""Generated values are valid, plausible and the same every time."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.formats import matches
from trunkline.sandbox.generate import Generator

NODE = {
    "type": "object",
    "required": ["name", "next"],
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
}
DOCUMENT = Document(
    {
        "openapi": "3.0.3",
        "components": {
            "schemas": {
                "Node": {**NODE, "nullable": True},
                "List": {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/List"}}},
                },
            }
        },
    }
)
DIALECT = Dialect(DOCUMENT, answers=True)
GENERATOR = Generator(DIALECT)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 40, "maxLength": 41},
        {"type": "string", "maxLength": 1},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3,5}(-x)?$"},
        {"type": "string", "pattern": "^\\p{L}+$", "minLength": 5},
        {"type": "string", "pattern": "^(?:a|b)+\\.(com|org)$"},
        {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"},
        {"type": "integer", "minimum": 5, "exclusiveMinimum": True, "multipleOf": 4},
        {"type": "integer", "maximum": -10},
        {"type": "number", "minimum": 0.5, "maximum": 0.75},
        {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"type": "object", "maxProperties": 1, "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
        {
            "allOf": [
                {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
                {"required": ["b"]},
            ]
        },
        {"oneOf": [{"type": "object", "required": ["x"], "properties": {"x": {"enum": [3]}}}, {"type": "string"}]},
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"anyOf": [{"type": "string", "maxLength": 0}, {"type": "null"}]}},
        },
        {"$ref": "#/components/schemas/Node"},
        {"$ref": "#/components/schemas/List"},
        {},
    ],
)
def test_a_generated_value_is_valid_and_always_the_same(schema: Any) -> None:
    value = GENERATOR.value(schema)
    assert DIALECT.violations(value, schema, "body") == []
    assert GENERATOR.value(schema) == value


def test_an_example_is_used_where_it_is_valid_and_mended_where_it_is_not() -> None:
    schema = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "integer"},
            "state": {"type": "string", "enum": ["on"]},
            "more": {"type": "string"},
        },
    }
    assert GENERATOR.value(schema, {"id": 7, "state": "on"}) == {"id": 7, "state": "on"}
    assert GENERATOR.value(schema, {"id": 7, "state": "broken"}) == {"id": 7, "state": "on"}
    assert GENERATOR.value(schema, {"id": "seven", "state": "on", "more": "x"}) == {"id": 1, "state": "on", "more": "x"}


def test_write_only_properties_are_not_answered() -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "password": {"type": "string", "writeOnly": True}},
    }
    assert "password" not in GENERATOR.value(schema)


@given(
    st.recursive(
        st.sampled_from(["a", "[0-9]", "\\d", "\\w", ".", "[a-f]{2}", "x?", "(?:yz)", "[^a]"]),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map("".join)
            | inner.map(lambda it: f"(?:{it})+")
            | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
        ),
        max_leaves=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_a_text_matches_its_pattern(pattern: str) -> None:
    assert matches(f"^{pattern}$", GENERATOR.value({"type": "string", "pattern": f"^{pattern}$"}))
