"""The benchmark's typos: some words of a request misspelt, always the same ones, and nothing else touched."""

from bench.selection.sets import Query
from bench.selection.typos import mistyped


def test_some_words_change_by_a_letter_and_the_same_ones_each_time() -> None:
    asked = [Query("a", "please create another repository in acme/website for bob@example.com", ("x",))]
    typed = mistyped(asked)
    assert typed == mistyped(asked)
    changed = [
        (one, other) for one, other in zip(asked[0].query.split(), typed[0].query.split(), strict=True) if one != other
    ]
    assert len(changed) == 1
    assert all(abs(len(one) - len(other)) <= 1 and one[:2] == other[:2] for one, other in changed)


def test_addresses_and_paths_are_typed_right() -> None:
    (typed,) = mistyped([Query("a", "repair acme/website or website.example.com", ("x",))])
    assert typed.query.endswith("acme/website or website.example.com")
    assert typed.query != "repair acme/website or website.example.com"


def test_only_english_is_mistyped() -> None:
    assert mistyped([Query("a", "crear un repositorio", ("x",), lang="es")]) == []
