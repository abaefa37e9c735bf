"""What a manifest puts right in its description."""

from trunkline.catalog.corrections import Corrections

DESCRIPTION = {
    "parameters": [
        {"name": "ts", "in": "query", "required": True, "schema": {"type": "number", "format": "double"}},
        {"name": "after", "in": "query", "required": True, "schema": {"type": "string"}},
    ],
    "schema": {
        "required": ["name", "after"],
        "properties": {"ts": {"type": "number"}, "after": {"type": "number"}, "required": {"type": "boolean"}},
    },
}


def test_what_is_optional_is_required_nowhere() -> None:
    parameters, schema = Corrections(optional=("after",)).applied(DESCRIPTION).values()
    assert [each["required"] for each in parameters] == [True, False]
    assert schema["required"] == ["name"]
    assert schema["properties"]["required"] == {"type": "boolean"}  # a property of that name


def test_a_text_that_is_said_to_be_a_number_is_a_text() -> None:
    parameters, schema = Corrections(texts=("ts",)).applied(DESCRIPTION).values()
    assert parameters[0]["schema"] == {"type": "string"}
    assert schema["properties"] == {"ts": {"type": "string"}, **dict(list(schema["properties"].items())[1:])}
    assert schema["properties"]["after"] == {"type": "number"}


def test_the_description_itself_stays_as_it_was_published() -> None:
    Corrections(optional=("after",), texts=("ts",)).applied(DESCRIPTION)
    assert DESCRIPTION["schema"]["required"] == ["name", "after"]  # pyright: ignore[reportArgumentType,reportCallIssue]


def test_nothing_to_correct_is_false() -> None:
    assert not Corrections()
    assert Corrections(texts=("ts",))
