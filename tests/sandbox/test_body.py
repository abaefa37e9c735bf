"""Bodies by media type: JSON, nested forms, multipart, text and bytes."""

from typing import Any

import orjson
import pytest

from tests.sandbox.small import body, judge, operation, places, service

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
ISSUE = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "maxLength": 20},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "count": {"type": "integer", "nullable": True},
        "due": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "readOnly": True},
        "labels": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
}


def posted(
    media_type: str, schema: Any, sent: bytes, content_type: str = "", **media: Any
) -> list[tuple[str, str, str]]:
    of = service({"/x": {"post": operation(requestBody=body(media_type, schema, **media))}})
    return places(judge(of, "POST", "/x", {"Content-Type": content_type or media_type}, sent))


@pytest.mark.parametrize(
    "good",
    [
        {"title": "a"},
        {"title": "a", "state": "open", "count": None, "due": "2026-01-15T09:30:00Z", "labels": [{"name": "bug"}]},
    ],
)
def test_a_good_json_body_passes(good: Any) -> None:
    assert posted(JSON, ISSUE, orjson.dumps(good), "application/json; charset=utf-8") == []


@pytest.mark.parametrize(
    ("sent", "violation"),
    [
        ({}, ("body", "/title", "required")),
        ({"title": 1}, ("body", "/title", "type")),
        ({"title": "a" * 21}, ("body", "/title", "maxLength")),
        ({"title": "a", "state": "shut"}, ("body", "/state", "enum")),
        ({"title": "a", "due": "tomorrow"}, ("body", "/due", "format")),
        ({"title": "a", "labels": [{"name": 1}]}, ("body", "/labels/0/name", "type")),
        ({"title": "a", "titel": "b"}, ("body", "/titel", "unknown")),
        ({"title": "a", "labels": [{"nmae": "b"}]}, ("body", "/labels/0/nmae", "unknown")),
        (["title"], ("body", "", "type")),
    ],
)
def test_a_wrong_json_body_is_named(sent: Any, violation: tuple[str, str, str]) -> None:
    assert posted(JSON, ISSUE, orjson.dumps(sent)) == [violation]


def test_a_body_is_missing_malformed_or_of_another_type() -> None:
    assert posted(JSON, ISSUE, b"") == [("body", "", "required")]
    assert posted(JSON, ISSUE, b'{"title"') == [("body", "", "syntax")]
    assert posted(JSON, ISSUE, b"title=a", FORM) == [("header", "/Content-Type", "media type")]


def test_a_body_where_none_is_declared_is_unknown() -> None:
    of = service({"/x": {"get": operation()}})
    assert places(judge(of, "GET", "/x", {"Content-Type": JSON}, b"{}")) == [("body", "", "unknown")]


def test_media_types_may_be_ranges_and_have_suffixes() -> None:
    assert posted("application/*", ISSUE, b'{"title":"a"}', JSON) == []
    assert posted("application/json-patch+json", {"type": "array"}, b"{}") == [("body", "", "type")]


def test_an_object_that_says_it_is_open_is_open() -> None:
    assert posted(JSON, {**ISSUE, "additionalProperties": True}, b'{"title":"a","more":1}') == []
    assert posted(JSON, {**ISSUE, "additionalProperties": {"type": "integer"}}, b'{"title":"a","more":"x"}') == [
        ("body", "/more", "type")
    ]


STRIPE = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "integer"},
        "expand": {"type": "array", "items": {"type": "string"}},
        "metadata": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"enum": [""]}]},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"price": {"type": "string"}, "quantity": {"type": "integer"}}},
        },
    },
}
DEEP = {name: {"style": "deepObject", "explode": True} for name in ("expand", "metadata", "items")}


@pytest.mark.parametrize(
    ("sent", "violations"),
    [
        (b"amount=5&expand[]=a&expand[]=b&metadata[k]=v&items[0][price]=p&items[0][quantity]=2", []),
        (b"amount=5&expand%5B0%5D=a&metadata=", []),
        (b"amount=five", [("body", "/amount", "type")]),
        (b"", [("body", "/amount", "required")]),
        (b"amount=5&items[0][quantity]=two", [("body", "/items/0/quantity", "type")]),
        (b"amount=5&items[0][prise]=p", [("body", "/items/0/prise", "unknown")]),
        (b"amount=5&curency=usd", [("body", "/curency", "unknown")]),
    ],
)
def test_nested_forms_are_read_as_stripe_sends_them(sent: bytes, violations: list[tuple[str, str, str]]) -> None:
    assert posted(FORM, STRIPE, sent, encoding=DEEP) == violations


def test_forms_without_an_encoding_repeat_lists_and_write_objects_as_json() -> None:
    schema = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "integer"}}, "o": ISSUE}}
    assert posted(FORM, schema, b"tags=1&tags=2&o=%7B%22title%22%3A%22a%22%7D") == []
    assert posted(FORM, schema, b"tags=1&tags=x") == [("body", "/tags/1", "type")]
    assert posted(FORM, schema, b"o=%7B%22title%22%3A1%7D") == [("body", "/o/title", "type")]


UPLOAD = {
    "type": "object",
    "required": ["file", "size"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "size": {"type": "integer"},
        "attributes": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
}


def multipart(*parts: tuple[str, bytes]) -> bytes:
    framed = b"".join(
        b"--edge\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    )
    return framed + b"--edge--\r\n"


def test_multipart_parts_are_named_values_and_files() -> None:
    file, size = ('name="file"; filename="a.bin"', b"\x00\r\n\xff"), ('name="size"', b"4")
    kind = MULTIPART + "; boundary=edge"
    assert posted(MULTIPART, UPLOAD, multipart(file, size, ('name="attributes"', b'{"name":"a"}')), kind) == []
    assert posted(MULTIPART, UPLOAD, multipart(file), kind) == [("body", "/size", "required")]
    assert posted(MULTIPART, UPLOAD, multipart(file, ('name="size"', b"big")), kind) == [("body", "/size", "type")]
    assert posted(MULTIPART, UPLOAD, multipart(file, size, ('name="attributes"', b"{}")), kind) == [
        ("body", "/attributes/name", "required")
    ]
    assert posted(MULTIPART, UPLOAD, b"no frame", kind) == [("body", "", "syntax")]


def test_bytes_pass_and_text_is_checked() -> None:
    assert posted("application/octet-stream", {"type": "string", "format": "binary"}, b"\x00\xff") == []
    assert posted("text/plain", {"type": "string", "maxLength": 2}, b"abc") == [("body", "", "maxLength")]
