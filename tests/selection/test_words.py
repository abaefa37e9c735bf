import pytest

from trunkline.selection.words import Analyzer, joined, split


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("createPullRequest_v2", ["create", "pull", "request", "v2"]),
        ("HTTPServer-list.all", ["http", "server", "list", "all"]),
        ("/repos/{owner}/issues", ["repos", "owner", "issues"]),
        ("S3 naïve Größe", ["s3", "naïve", "größe"]),
        ("", []),
    ],
)
def test_text_is_split_at_humps_and_signs(text: str, words: list[str]) -> None:
    assert split(text) == words


def test_a_name_in_camel_case_counts_joined_too() -> None:
    assert joined("the GitHub repo of SendGrid, not createIssue") == ["github", "sendgrid"]


def test_terms_are_stems_without_stop_words() -> None:
    assert Analyzer().terms("Creating the issues of a repository") == [b"creat", b"issu", b"repositori"]


def test_a_customer_is_not_custom() -> None:
    assert Analyzer().terms("customers") != Analyzer().terms("custom")


def test_a_word_that_comes_again_is_the_same_term() -> None:
    analyzer = Analyzer()
    text = "List GitHub repositories, list GitHub issues"
    assert analyzer.terms(text) == analyzer.terms(text) == Analyzer().terms(text)


def test_a_long_word_is_cut_to_a_term() -> None:
    assert [len(term) for term in Analyzer().terms("x" * 100)] == [Analyzer.TERM_BYTES]
