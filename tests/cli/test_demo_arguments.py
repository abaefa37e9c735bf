"""The demo's arguments come from the request and the schema, and fit the schema."""

import jsonschema_rs
import pytest

from trunkline.cli.demo.arguments import Schema, arguments, sample


def test_required_arguments_get_the_wish_or_the_schemas_own_word():
    schema: Schema = {
        "type": "object",
        "properties": {
            "owner": {"type": "string"},
            "state": {"type": "string", "enum": ["open", "closed"]},
            "count": {"type": "integer", "minimum": 5},
            "title": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "labels": {"type": "array", "items": {"type": "string"}},
            "draft": {"type": "boolean"},
        },
        "required": ["owner", "state", "count", "title", "draft"],
    }
    made = arguments(schema, {"owner": "octo-org", "title": "It works", "other": 1})
    assert made == {"owner": "octo-org", "state": "open", "count": 5, "title": "It works", "draft": False}
    assert jsonschema_rs.is_valid(dict(schema), made)


def test_an_optional_argument_is_given_only_when_it_is_wished_for():
    schema: Schema = {"properties": {"text": {"type": "string"}, "mrkdwn": {"type": "boolean"}}}
    assert arguments(schema, {"text": "hello"}) == {"text": "hello"}


def test_a_wish_of_the_wrong_type_is_not_used():
    schema: Schema = {"properties": {"title": {"type": "integer"}}, "required": ["title"]}
    assert arguments(schema, {"title": "text"}) == {"title": 1}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "array", "minItems": 2}}, "required": ["a"]},
        {"type": ["string", "null"], "minLength": 9},
        {"anyOf": [{"type": "number", "minimum": 2.5}, {"type": "string"}]},
        {"const": "x"},
        {"type": "null"},
        {"type": "string", "examples": ["e"]},
    ],
)
def test_a_sample_fits_its_schema(schema: Schema):
    assert jsonschema_rs.is_valid(dict(schema), sample(schema))
