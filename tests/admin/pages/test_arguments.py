"""A form made from an input schema, and the arguments it gives."""

from typing import Any

import pytest

from trunkline.admin.pages.arguments import arguments, inputs
from trunkline.contract import InvalidArguments
from trunkline.infra.http.web import Fields

SCHEMA: dict[str, Any] = {
    "properties": {
        "note": {"type": ["string", "null"], "description": "Why."},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "number": {"type": "integer"},
        "amount": {"type": "number"},
        "draft": {"type": "boolean"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        "filter": {"$ref": "#/$defs/filter"},
        "any": True,
        "title": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        "mixed": {"oneOf": [{"type": "string"}, {"type": "object"}]},
        "commit_message": {"type": "string"},
    },
    "required": ["number", "labels"],
}


def written(**values: str) -> Fields:
    return Fields(tuple((name if name == "others" else f"argument.{name}", value) for name, value in values.items()))


def test_each_argument_has_the_input_that_fits_it_and_required_ones_come_first() -> None:
    made = inputs(SCHEMA, written(note="now"))
    assert [(one.name, one.kind) for one in made] == [
        ("number", "integer"), ("labels", "texts"), ("note", "text"), ("state", "choice"), ("amount", "number"),
        ("draft", "boolean"), ("rows", "json"), ("filter", "json"), ("any", "json"), ("title", "text"),
        ("mixed", "json"), ("commit_message", "long"),
    ]  # fmt: skip
    assert [one.required for one in made[:3]] == [True, True, False]
    assert (made[2].value, made[2].description, made[3].choices) == ("now", "Why.", ("open", "closed"))


def test_what_is_written_becomes_arguments_and_what_is_empty_is_not_given() -> None:
    given = written(
        number="7", labels="bug\r\n\r\nold door", amount="1.5", draft="false", rows='[{"a": 1}]', note="", state="open",
        commit_message="one\r\ntwo", others='{"hidden": 1, "number": 8}',
    )  # fmt: skip
    assert arguments(SCHEMA, given) == {
        "number": 7, "labels": ["bug", "old door"], "amount": 1.5, "draft": False, "rows": [{"a": 1}],
        "state": "open", "commit_message": "one\ntwo", "hidden": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "1.5"),
        ("number", "true"),
        ("number", "x"),
        ("amount", "NaN"),
        ("rows", "["),
        ("others", "[]"),
        ("any", "[" * 9000),
    ],
)
def test_what_does_not_fit_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidArguments):
        arguments(SCHEMA, written(**{name: value}))


def test_of_very_many_arguments_the_first_have_inputs() -> None:
    many = {"properties": {f"a{n}": {"type": "string"} for n in range(500)}, "required": ["a499"]}
    made = inputs(many, Fields())
    assert (len(made), made[0].name) == (40, "a499")
