"""Parameter styles: the table of OpenAPI 3.1.1, section 4.8.12.4 "Style Examples", and what must never happen."""

from typing import Any

import pytest

from trunkline.category import styles
from trunkline.category.encode import Json
from trunkline.contract import InvalidArguments, Parameter

ARRAY = ["blue", "black", "brown"]
OBJECT: dict[str, Json] = {"R": 100, "G": 200, "B": 150}


def parameter(location: str, style: str, explode: bool | None, **more: Any) -> Parameter:
    return Parameter("color", "color", location, style, explode, **more)


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, ARRAY, ";color=blue,black,brown"),
        ("matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
        ("matrix", True, "blue", ";color=blue"),
        ("matrix", True, ARRAY, ";color=blue;color=black;color=brown"),
        ("matrix", True, OBJECT, ";R=100;G=200;B=150"),
        ("label", False, "blue", ".blue"),
        ("label", False, ARRAY, ".blue,black,brown"),
        ("label", False, OBJECT, ".R,100,G,200,B,150"),
        ("label", True, "blue", ".blue"),
        ("label", True, ARRAY, ".blue.black.brown"),
        ("label", True, OBJECT, ".R=100.G=200.B=150"),
        ("simple", False, "blue", "blue"),
        ("simple", False, ARRAY, "blue,black,brown"),
        ("simple", False, OBJECT, "R,100,G,200,B,150"),
        ("simple", True, ARRAY, "blue,black,brown"),
        ("simple", True, OBJECT, "R=100,G=200,B=150"),
        ("", None, ARRAY, "blue,black,brown"),
    ],
)
def test_a_path_argument_is_written_as_the_table_says(
    style: str, explode: bool | None, value: Any, expected: str
) -> None:
    assert styles.in_path(parameter("path", style, explode), value) == expected


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("form", False, "", "color="),
        ("form", False, "blue", "color=blue"),
        ("form", False, ARRAY, "color=blue,black,brown"),
        ("form", False, OBJECT, "color=R,100,G,200,B,150"),
        ("form", True, "", "color="),
        ("form", True, ARRAY, "color=blue&color=black&color=brown"),
        ("form", True, OBJECT, "R=100&G=200&B=150"),
        ("", None, ARRAY, "color=blue&color=black&color=brown"),
        ("spaceDelimited", False, ARRAY, "color=blue%20black%20brown"),
        ("spaceDelimited", None, ARRAY, "color=blue%20black%20brown"),
        ("spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
        ("pipeDelimited", False, ARRAY, "color=blue%7Cblack%7Cbrown"),
        ("pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
        ("tabDelimited", False, ARRAY, "color=blue%09black%09brown"),
        ("deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        ("deepObject", True, ["a", {"b": [1]}], "color%5B0%5D=a&color%5B1%5D%5Bb%5D%5B%5D=1"),
        ("deepObject", True, ["a", 2], "color%5B%5D=a&color%5B%5D=2"),
        ("form", False, [{"a": 1}], "color=%5B%7B%22a%22%3A1%7D%5D"),
        ("form", True, [], ""),
        ("form", False, [], ""),
        ("form", True, None, ""),
    ],
)
def test_a_query_argument_is_written_as_the_table_says(
    style: str, explode: bool | None, value: Any, expected: str
) -> None:
    assert "&".join(styles.in_query(parameter("query", style, explode), value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (10**30, str(10**30)),
        ("a b&c=d+e/é", "a%20b%26c%3Dd%2Be%2F%C3%A9"),
    ],
)
def test_one_value_is_written_as_json_writes_it_and_percent_encoded(value: Any, expected: str) -> None:
    assert styles.in_query(parameter("query", "", None), value) == [f"color={expected}"]


def test_a_delimiter_inside_a_value_is_encoded() -> None:
    assert styles.in_query(parameter("query", "form", False), ["a,b", "c"]) == ["color=a%2Cb,c"]
    assert styles.in_path(parameter("path", "simple", False), ["a,b", "c;d=e"]) == "a%2Cb,c%3Bd%3De"


def test_the_name_of_a_parameter_is_encoded_too() -> None:
    assert styles.in_query(Parameter("f", "filter[a b]", "query"), 1) == ["filter%5Ba%20b%5D=1"]


def test_reserved_characters_stay_where_the_description_allows_them_but_never_separate_parameters() -> None:
    allowed = parameter("query", "", None, allow_reserved=True)
    assert styles.in_query(allowed, "a/b:c?d@e") == ["color=a/b:c?d@e"]
    assert styles.in_query(allowed, "a&admin=1#x+y") == ["color=a%26admin%3D1%23x%2By"]


def test_a_parameter_with_a_media_type_is_json() -> None:
    assert styles.in_query(parameter("query", "", None, media_type="application/json"), {"a": [1]}) == [
        "color=%7B%22a%22%3A%5B1%5D%7D"
    ]


@pytest.mark.parametrize(("explode", "expected"), [(False, "R,100,G,200,B,150"), (True, "R=100,G=200,B=150")])
def test_a_header_is_written_in_style_simple_and_not_encoded(explode: bool, expected: str) -> None:
    assert styles.in_header(parameter("header", "simple", explode), OBJECT) == expected


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0b", "caf\u00e9", "\u2028", "a\x7f", ["ok", "a\r\nb"]])
def test_a_header_that_cannot_be_sent_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArguments, match="`color`"):
        styles.in_header(parameter("header", "", None), value)


def test_cookies_are_written_in_style_form() -> None:
    assert styles.in_cookie(parameter("cookie", "", None), "a; b=c") == ["color=a%3B%20b%3Dc"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "../admin",
        "a/../b",
        "a/..",
        "%2e%2e/x",
        "..%2fadmin",
        "%252e%252e%252fx",
        "..\\x",
        "..;/x",
        "a\0",
        "a\r\nb",
        "a%0d%0ab",
        "./x",
        "x/.",
        [],
    ],
)
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_a_path_argument_that_a_server_could_take_for_a_way_elsewhere_is_refused(style: str, value: Any) -> None:
    with pytest.raises(InvalidArguments, match="`color`"):
        styles.in_path(parameter("path", style, None), value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (";x", "%3Bx"),
        ("?a=b", "%3Fa%3Db"),
        ("#f", "%23f"),
        ("a\\b", "a%5Cb"),
        ("src/main.py", "src%2Fmain.py"),
        ("main...dev", "main...dev"),
        ("50%", "50%25"),
        ("a%2Fb", "a%252Fb"),
        (".github", ".github"),
        ("\u00fc@:", "%C3%BC%40%3A"),
        ("//evil.example", "%2F%2Fevil.example"),
    ],
)
def test_any_other_path_argument_is_one_encoded_segment(value: str, expected: str) -> None:
    assert styles.in_path(parameter("path", "", None), value) == expected


def test_a_path_argument_may_hold_slashes_only_where_the_plan_says_so() -> None:
    several = parameter("path", "", None, allow_reserved=True)
    assert styles.in_path(several, "projects/a b/x") == "projects/a%20b/x"
    for value in ("a/../b", "/a", "a//b", ""):
        with pytest.raises(InvalidArguments):
            styles.in_path(several, value)
