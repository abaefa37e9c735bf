"""The estimate of tokens, held against the tokenizer."""

from pathlib import Path

import pytest

from trunkline.catalog.rows import Rows
from trunkline.selection import tokens
from trunkline.selection.estimate import tokens_of


def texts(catalog: Path) -> dict[str, list[str]]:
    specs = [rows.read(name) for file in sorted(catalog.glob("*.rows")) for rows in [Rows(file)] for name in rows.names]
    known = [spec for spec in specs[::7] if spec is not None]
    return {
        "schemas": [spec.input_schema.decode() for spec in known],
        "signatures": [spec.signature for spec in known],
        "descriptions": [spec.description for spec in known if spec.description],
    }


@pytest.mark.parametrize("kind", ["schemas", "signatures", "descriptions"])
def test_the_estimate_of_many_texts_is_within_a_tenth_of_what_the_tokenizer_counts(
    kind: str, catalog_folder: Path
) -> None:
    some = texts(catalog_folder)[kind]
    counted = sum(map(tokens.count, some))
    assert abs(sum(tokens_of(text.encode()) for text in some) - counted) < counted / 10


def test_a_large_text_is_judged_by_its_beginning() -> None:
    text = '{"items":[' + ",".join(f'{{"id":{number},"name":"item"}}' for number in range(20_000)) + "]}"
    counted = tokens.count(text)
    assert abs(tokens_of(text.encode()) - counted) < counted / 5


def test_nothing_has_no_tokens() -> None:
    assert tokens_of(b"") == 0
