from trunkline.selection import tokens
from trunkline.selection.signature import first_sentence, render

ISSUE = {
    "type": "object",
    "required": ["owner", "repo", "title"],
    "properties": {
        "owner": {"type": "string"},
        "repo": {"type": "string"},
        "per_page": {"type": "integer"},
        "title": {"type": ["string", "null"]},
        "milestone": {"type": "integer"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "state": {"enum": ["open", "closed"]},
        "body": {"type": "string"},
        "assignees": {"type": "array", "items": {"type": "string"}},
    },
}


def test_a_signature_shows_required_arguments_first_then_the_most_useful_and_counts_the_rest() -> None:
    assert render("github_create_issue", ISSUE, "Create an issue. Any user may.") == (
        "github_create_issue(owner, repo, title, labels?: str[], state?: open|closed, body?: str, assignees?: str[], "
        "+2 optional) - Create an issue"
    )


def test_a_tool_without_arguments_or_description_is_its_name() -> None:
    assert render("time_now", {"type": "object"}, "") == "time_now()"


def test_a_long_enum_is_cut() -> None:
    schema = {"properties": {"color": {"enum": ["red", "green", "blue", "black", "white"]}}, "required": ["color"]}
    assert render("t", schema, "") == "t(color: red|green|blue|black|…)"


def test_a_composed_type_shows_its_branches() -> None:
    schema = {"properties": {"x": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}, "required": ["x"]}
    assert render("t", schema, "") == "t(x: str|int)"


def test_a_schema_of_any_value_is_any() -> None:
    assert render("t", {"properties": {"x": True}, "required": ["x"]}, "") == "t(x: any)"


def test_the_use_is_the_first_sentence_without_markup() -> None:
    assert first_sentence("Get <b>a</b> [repo](https://x.y/z).\nMore.", 80) == "Get a repo"


def test_a_long_sentence_is_cut_at_a_word() -> None:
    assert first_sentence("one two three four", 12) == "one two…"


def test_tokens_are_counted_with_the_real_vocabulary() -> None:
    assert tokens.count("hello world") == 2


def test_text_that_looks_like_a_special_token_is_plain_text() -> None:
    assert tokens.count("<|endoftext|>") > 1
