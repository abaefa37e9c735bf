import pytest

from trunkline.selection.aliases import Alias
from trunkline.selection.request import Reader, Request
from trunkline.selection.spelling import PLAIN
from trunkline.selection.verbs import VerbClasses, bits_of
from trunkline.selection.words import Analyzer

ALIASES = {
    "slack": (Alias(0, 1.0, True),),
    "google sheets": (Alias(1, 1.0, True),),
    "sheets": (Alias(1, 0.25, False),),
    "close": (Alias(2, 0.8, True),),
    "monday": (Alias(3, 0.8, True, PLAIN),),
    "hub": (Alias(4, 0.8, True), Alias(5, 0.8, True)),
    "x": (Alias(6, 1.0, True),),
}


def read(text: str) -> Request:
    analyzer = Analyzer()
    return Reader(analyzer, VerbClasses(analyzer), ALIASES).read(text)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Create a GitHub issue and notify the team on Slack", ["Create a GitHub issue", "notify the team on Slack"]),
        ("Find the invoice. Then refund the payment!", ["Find the invoice", "refund the payment"]),
        ("1. create a card 2. add a label", ["create a card", "add a label"]),
        ("buy shirts and shoes", ["buy shirts and shoes"]),
        ("just one thing", ["just one thing"]),
        ("", [""]),
    ],
)
def test_a_request_is_split_into_what_can_be_asked_alone(text: str, clauses: list[str]) -> None:
    assert [clause.text for clause in read(text).clauses] == clauses


def test_only_so_many_clauses_are_read() -> None:
    assert len(read("create red things and " * 50).clauses) == 8


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("create a ticket", ["create"]),
        ("please show me the tickets", ["read"]),
        ("file a ticket", ["create"]),
        ("the weather", []),
    ],
)
def test_the_first_verb_says_what_is_asked(text: str, verbs: list[str]) -> None:
    assert read(text).clauses[0].verbs == bits_of(verbs)


def test_whom_something_is_told_implies_a_message() -> None:
    assert read("notify the team").clauses[0].implied
    assert read("let the sales people know").clauses[0].implied
    assert not read("tell me the time").clauses[0].implied


@pytest.mark.parametrize(
    ("text", "implied"),
    [
        ("mail it to the board", b"email"),
        ("send the deed to ana@ruiz.es", b"email"),
        ("text each of the nurses", b"sms"),
        ("put what you find in #sre", b"channel"),
    ],
)
def test_how_something_is_told_says_what_with(text: str, implied: bytes) -> None:
    assert implied in read(text).clauses[0].implied


def test_the_deed_is_a_request_without_the_names_of_services() -> None:
    request = read("post the numbers to Slack")
    assert request.deed(request.text).split() == ["post", "the", "numbers", "to"]
    assert read("slack").deed("slack") == "slack"


def test_a_mention_knows_its_clause_and_the_longest_name_counts() -> None:
    mention, other = read("Read rows of Google Sheets and post them to slack").mentions
    assert (mention.service, mention.clause, mention.sure) == (1, 0, True)
    assert (other.service, other.clause, other.sure) == (0, 1, True)
    assert mention.strength > other.strength


def test_a_part_of_a_name_is_not_sure() -> None:
    (mention,) = read("the sheets of paper").mentions
    assert not mention.sure


def test_a_verb_names_a_service_only_in_capitals_amid_a_sentence() -> None:
    assert [mention.sure for mention in read("close the deal").mentions] == [False]
    assert [mention.sure for mention in read("Close the deal").mentions] == [False]
    assert [mention.sure for mention in read("add the lead to Close").mentions] == [True]


def test_tool_names_and_paths_are_seen() -> None:
    (clause,) = read("github_create_issue with POST /repos/{owner}/{repo}/issues").clauses
    assert clause.names == ("github_create_issue",)
    assert [(route.method, route.parts[-1]) for route in clause.routes] == [("POST", "issues")]


def test_a_day_names_a_service_only_where_a_place_is_meant() -> None:
    assert [mention.sure for mention in read("the new hire starts Monday").mentions] == [False]
    assert [mention.sure for mention in read("remind me on Monday, please").mentions] == [False]
    assert [mention.sure for mention in read("add a row in monday").mentions] == [True]


def test_the_key_of_a_ticket_names_no_service() -> None:
    assert not read("I'm picking up SLACK-812").mentions


def test_services_that_one_word_names_are_named_at_one_place() -> None:
    first, second, other = read("post it to hub and to slack").mentions
    assert first.at == second.at < other.at


def test_one_letter_is_a_name_in_capitals_where_a_place_is_meant() -> None:
    assert [mention.service for mention in read("our latest posts on X, with likes").mentions] == [6]
    assert not read("multiply it by X").mentions
