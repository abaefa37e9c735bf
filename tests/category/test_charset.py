"""Answers in other character sets."""

import time

import pytest

from trunkline.category.charset import as_utf8

JSON = '{"name":"Zoë, 東京"}'


@pytest.mark.parametrize("name", ["utf-16", "UTF-16LE", '"utf-32"', "gb18030"])
def test_an_answer_in_a_named_character_set_becomes_utf_8(name: str) -> None:
    assert as_utf8(JSON.encode(name.strip('"')), f"application/json; charset={name}").decode() == JSON


def test_western_text_keeps_its_letters() -> None:
    assert as_utf8("Zoë".encode("latin-1"), "text/plain;charset=ISO-8859-1").decode() == "Zoë"


def test_a_byte_order_mark_is_left_out() -> None:
    assert as_utf8(b"\xef\xbb\xbf{}", "application/json") == b"{}"


@pytest.mark.parametrize(
    "name", ["utf-8", "rot13", "zip", "punycode", "unicode_escape", "idna", "iso-8859-12", "../x", ""]
)
def test_what_is_no_character_set_is_left_alone_at_once(name: str) -> None:
    body = b"plain \xff" + b"-" * 1_000_000
    began = time.perf_counter()
    assert as_utf8(body, f"text/plain; charset={name}") == body
    assert time.perf_counter() - began < 0.5
