"""Misspelt words are put right before anything else reads them."""

import pytest

from trunkline.selection.correction import Correction, one_edit

HELD = {"repository": 90, "message": 50, "messages": 50, "massage": 2, "slack": 30, "small": 5, "smell": 0}


def corrected(text: str) -> str:
    return Correction(HELD, ["slack"], lambda word: HELD.get(word, 0)).corrected(text)


@pytest.mark.parametrize("other", ["githb", "gihub", "githubb", "gitbub", "igthub", "github"])
def test_one_edit_apart_is_near(other: str) -> None:
    assert one_edit("github", other)
    assert one_edit(other, "github")


@pytest.mark.parametrize("other", ["gitlab", "gib", "hubgit", "giithubb", ""])
def test_two_edits_apart_is_not(other: str) -> None:
    assert not one_edit("github", other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a mesage in slcak", "a message in slack"),
        ("the smll repositry", "the small repository"),
        ("a messge", "a message"),  # of words as near, the commoner one
    ],
)
def test_an_unknown_word_becomes_the_known_one_an_edit_away(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "text",
    ["a message in slack", "mesage@example.com", "acme/mesage", "#mesage", "mesage-2", "qwertyuiop", "smel"],
)
def test_known_words_addresses_paths_and_keys_are_left(text: str) -> None:
    assert corrected(text) == text


def test_a_capital_is_put_right_to_a_name_only() -> None:
    assert corrected("Mesage to Slakc") == "Mesage to slack"


def test_a_text_of_many_unknown_words_is_another_language() -> None:
    text = "mesage repositry smll slcak aaaa bbbb cccc"
    assert corrected(text) == text
