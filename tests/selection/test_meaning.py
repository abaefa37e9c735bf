"""The trained table, and the vectors of an index."""

import numpy as np
import pytest

from trunkline.selection import neighbours
from trunkline.selection.meaning import Meaning, Vectors, at_unit_length
from trunkline.selection.neighbours import Neighbours
from trunkline.selection.pieces import Pieces
from trunkline.selection.segment import Segment


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return Meaning.load()


def likeness(meaning: Meaning, one: str, other: str) -> float:
    left, right = meaning.embed([one, other])
    return float(left @ right)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("open a ticket", "create issue", "list invoices"),
        ("text the customer", "send sms message", "delete repository"),
        ("who works here", "list employees", "create payment"),
    ],
)
def test_what_means_the_same_lies_closer_than_what_does_not(meaning: Meaning, text: str, near: str, far: str) -> None:
    assert likeness(meaning, text, near) > likeness(meaning, text, far)


def test_a_text_is_of_unit_length_or_says_nothing(meaning: Meaning) -> None:
    vectors = meaning.embed(["send a message", "", "zzzz 12345"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0], abs=1e-3)


def test_words_are_cut_into_the_longest_pieces() -> None:
    pieces = Pieces({"web": 0, "##hook": 1, "##ho": 2, "webs": 3})
    assert pieces.of_text("Webhook of the web, webhookx") == [0, 1, 0]


def test_an_id_is_no_language() -> None:
    assert Pieces({"a": 0, "##b": 1, "##1": 2}).of_text("ab1b") == []


def vectors(count: int) -> Vectors:
    return at_unit_length(np.random.default_rng(1).normal(size=(count, 16)).astype(np.float32))


def test_most_of_the_closest_are_found_without_a_look_at_all() -> None:
    given = vectors(20_000)
    near = Neighbours(Segment(neighbours.arrays("vector", given)), "vector")
    row = given[:1]
    looked = near.to(row)
    assert 0 in looked
    assert len(looked) < len(given) / 2
    closest = np.argsort(-(given @ row[0]))[:10]
    assert len(np.intersect1d(looked, closest)) >= 6


def test_a_few_vectors_are_all_looked_at() -> None:
    near = Neighbours(Segment(neighbours.arrays("vector", vectors(50))), "vector")
    assert len(near.to(vectors(1))) == 50


def test_no_vectors_are_no_trouble() -> None:
    near = Neighbours(Segment(neighbours.arrays("vector", vectors(0))), "vector")
    assert len(near.to(vectors(1))) == 0
