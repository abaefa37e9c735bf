import pytest

from trunkline.selection.languages import english, spaced


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Erstelle bitte eine Rechnung für den Kunden", "create invoice customer"),
        ("Supprime la facture du client", "remove invoice customer"),
        ("Busca el archivo en la carpeta", "search file folder"),
        ("Envia uma mensagem para o canal da equipa", "send message channel team"),
        ("請求書を作成して", "create invoice"),
    ],
)
def test_a_request_in_another_language_has_the_english_words_of_its_tools(text: str, words: str) -> None:
    assert set(words.split()) <= set(english(text).split())


@pytest.mark.parametrize("text", ["create an issue in GitHub", "", "die build on main", "send la carte to the team"])
def test_english_is_left_alone(text: str) -> None:
    assert english(text) == ""


def test_a_name_amid_japanese_is_a_word() -> None:
    assert "Trello" in spaced("Trelloのカード").split()
