"""Good requests are answered with the lowest 2xx, from its example or schema, echoing what was sent."""

from typing import Any

import orjson
import pytest

from tests.sandbox.small import HOST, answers, operation, path, service
from trunkline.sandbox.answer import Reply, Sent
from trunkline.sandbox.service import Match

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
ISSUE = {
    "type": "object",
    "required": ["number", "title"],
    "properties": {
        "number": NUMBER,
        "title": TEXT,
        "labels": {"type": "array", "items": TEXT},
        "repository": {"type": "object", "properties": {"name": TEXT}, "required": ["name"]},
        "user": {"type": "object", "properties": {"title": TEXT, "login": TEXT}, "required": ["login"]},
    },
}
EXAMPLE: dict[str, Any] = {
    "number": 1,
    "title": "Example",
    "labels": [],
    "repository": {"name": "r"},
    "user": {"login": "ada"},
}


def reply(responses: Any, sent: Sent | None = None, template: str = "/x") -> Reply:
    of = service({template: {"get": operation(parameters=[path("p", {})]) | {"responses": responses}}})
    (found,) = of.operations()
    return found.answer(sent or Sent())


def value(*arguments: Any, **more: Any) -> Any:
    return orjson.loads(reply(*arguments, **more).body)


def test_the_lowest_2xx_is_answered() -> None:
    responses: dict[str, Any] = {"404": {}, "default": {}, **answers(ISSUE, "202"), **answers(ISSUE, "201"), "301": {}}
    assert reply(responses).status == 201


@pytest.mark.parametrize(
    ("responses", "status"),
    [({"2XX": {}}, 200), ({"302": {}, "404": {}}, 302), ({"default": {}}, 200), ({}, 200), ({"204": {}}, 204)],
)
def test_a_status_is_found_where_no_200_is_named(responses: Any, status: int) -> None:
    found = reply(responses)
    assert (found.status, found.body) == (status, b"")


def test_an_example_is_answered_as_it_is() -> None:
    assert value(answers(ISSUE, example=EXAMPLE)) == EXAMPLE
    assert value(answers(ISSUE, examples={"first": {"value": EXAMPLE}, "second": {"value": {}}})) == EXAMPLE


def test_what_was_sent_comes_back_where_the_name_and_the_type_fit() -> None:
    sent = Sent(body={"title": "Mine", "labels": ["bug"], "number": "no number", "unknown": 1})
    assert value(answers(ISSUE, example=EXAMPLE), sent) == {**EXAMPLE, "title": "Mine", "labels": ["bug"]}


def test_the_same_path_comes_before_the_same_name() -> None:
    sent = Sent(body={"user": {"login": "grace"}, "name": "core"})
    echoed = value(answers(ISSUE, example=EXAMPLE), sent)
    assert echoed["user"] == {"login": "grace"}
    assert echoed["repository"] == {"name": "core"}


@pytest.mark.parametrize(
    ("template", "name", "expected"),
    [("/issues/{issue_number}", "issue_number", 42), ("/issues/{number}", "number", 42), ("/issues/{p}/x", "p", 1)],
)
def test_the_last_hole_of_the_path_names_the_thing(template: str, name: str, expected: int) -> None:
    assert value(answers(ISSUE, example=EXAMPLE), Sent(path={name: 42}), template)["number"] == expected


def test_an_answer_is_not_changed_by_the_echoes_of_another() -> None:
    of = service({"/x": {"get": operation() | {"responses": answers(ISSUE, example=EXAMPLE)}}})
    (found,) = of.operations()
    assert orjson.loads(found.answer(Sent(body={"user": {"login": "grace"}})).body)["user"]["login"] == "grace"
    assert orjson.loads(found.answer(Sent()).body) == EXAMPLE


def test_text_and_bytes_are_answered_too() -> None:
    text = reply({"200": {"content": {"text/plain": {"schema": TEXT, "example": "hello"}}}})
    assert (text.headers["Content-Type"], text.body) == ("text/plain", b"hello")
    assert reply({"200": {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}).body


def test_required_headers_and_the_target_of_a_redirect_are_sent() -> None:
    headers = {"X-Total": {"required": True, "schema": {"type": "integer", "minimum": 3}}, "X-Other": {"schema": TEXT}}
    assert reply({"200": {"headers": headers}}).headers == {"X-Total": "3"}
    assert reply({"302": {}}).headers["Location"].startswith("https://")


def test_head_is_answered_where_get_is() -> None:
    assert isinstance(service({"/x": {"get": operation()}}).find("HEAD", HOST, "/v1/x"), Match)
