"""Arguments against a schema: each fault named, in words a model can act on."""

import json
import time
from typing import Any

import pytest

from trunkline.category.validate import MAX_ERRORS, ArgumentsValidator
from trunkline.contract import InvalidArguments, InvalidManifest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2},
        "count": {"type": "integer", "maximum": 5},
        "labels": {"type": "array", "items": {"type": "string"}},
        "state": {"enum": ["open", "closed"]},
        "form": {"anyOf": [{"type": "object", "required": ["k"]}, {"type": "string"}]},
    },
    "required": ["title"],
}


def validator(schema: dict[str, Any] = SCHEMA) -> ArgumentsValidator:
    return ArgumentsValidator(json.dumps(schema).encode(), frozenset(schema.get("properties", ())))


def refusal(arguments: object, schema: dict[str, Any] = SCHEMA) -> str:
    text = arguments if isinstance(arguments, bytes) else json.dumps(arguments).encode()
    with pytest.raises(InvalidArguments) as refused:
        validator(schema).parse(text)
    return refused.value.message


def test_good_arguments_come_back_as_values() -> None:
    assert validator().parse(b'{"title":"ab","count":5}') == {"title": "ab", "count": 5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`title` is required"),
        ({"title": 3}, "`title`: expected string, got integer 3"),
        ({"title": None}, "`title`: expected string, got null"),
        ({"title": True}, "`title`: expected string, got boolean true"),
        ({"title": "ab", "labels": ["a", 2]}, "`labels[1]`: expected string, got integer 2"),
        ({"title": "ab", "state": "done"}, "`state`: expected one of open, closed, got done"),
        ({"title": "ab", "form": 1}, "`form`: fits none of the allowed forms"),
        ({"title": "ab", "form": {}}, "`form.k` is required"),
        ({"title": "ab", "tittle": 1}, "`tittle`: there is no such argument; did you mean `title`?"),
        ([], "the arguments must be a JSON object"),
        (b"{", "the arguments are not valid JSON"),
        (b'{"title":1e999}', "the arguments hold a number that is out of range"),
        (b"\xff", "the arguments are not valid JSON"),
    ],
)
def test_a_fault_is_named_with_what_is_expected(arguments: object, message: str) -> None:
    assert message in refusal(arguments)


def test_at_most_five_faults_are_named_and_the_rest_counted() -> None:
    message = refusal({"title": "ab", "labels": [1] * 20})
    assert message.count("expected string") == MAX_ERRORS
    assert message.endswith("and 15 more")


def test_a_hundred_thousand_faults_are_not_looked_at_one_by_one() -> None:
    began = time.perf_counter()
    assert refusal({"title": "ab", "labels": [1] * 100_000}) == "`labels[0]`: expected string, got integer 1"
    message = refusal({"title": "ab", "labels": [1] * 100_000} | {f"k{number}": 1 for number in range(100_000)})
    assert message.count("there is no such argument") == MAX_ERRORS
    assert message.endswith("and 99995 more")
    assert time.perf_counter() - began < 2


def test_a_long_value_is_not_repeated_whole() -> None:
    assert len(refusal({"title": "ab", "state": "x" * 10_000})) < 200


@pytest.mark.parametrize("levels", [100, 5000])
def test_arguments_nested_too_deeply_are_refused(levels: int) -> None:
    assert "nested" in refusal(b'{"form":' + b"[" * levels + b"]" * levels + b"}")


def test_many_braces_that_are_not_deep_are_fine() -> None:
    schema = {"type": "object", "properties": {"labels": {"type": "array"}}}
    assert validator(schema).parse(json.dumps({"labels": [{}] * 200}).encode()) == {"labels": [{}] * 200}


def test_a_pattern_that_would_take_for_ever_does_not() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string", "pattern": "^(a+)+$"}}}
    started = time.perf_counter()
    assert "matching" in refusal({"title": "a" * 5000 + "!"}, schema)
    assert time.perf_counter() - started < 1


def test_a_pattern_that_takes_look_around_is_left_to_the_service() -> None:
    schema = {"type": "object", "properties": {"a": {"pattern": "^(?!x)"}, "b": {"pattern": "^b"}}}
    assert validator(schema).parse(b'{"a":"x"}') == {"a": "x"}
    assert "`b`" in refusal({"b": "c"}, schema)


def test_a_schema_never_fetches_anything() -> None:
    with pytest.raises(InvalidManifest):
        validator({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}})


def test_what_fits_several_alternatives_fits() -> None:
    schema = {"type": "object", "properties": {"a": {"oneOf": [{"type": "object"}, {"required": ["b"]}]}}}
    assert validator(schema).parse(b'{"a":{"b":1}}') == {"a": {"b": 1}}


def test_numbers_beyond_64_bits_are_kept() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    assert validator(schema).parse(b'{"id":123456789012345678901234567890}') == {"id": 123456789012345678901234567890}


def test_a_choice_of_which_something_is_left_out_takes_what_is_not_shown() -> None:
    shown = {
        "properties": {"kind": {"anyOf": [{"type": "string"}], "x-more": 1}, "size": {"anyOf": [{"type": "string"}]}}
    }
    known = frozenset(("kind", "size"))
    validator = ArgumentsValidator(json.dumps(shown).encode(), known)
    assert validator.parse(b'{"kind": {"all": []}}') == {"kind": {"all": []}}
    with pytest.raises(InvalidArguments, match="size"):
        validator.parse(b'{"size": {}}')
