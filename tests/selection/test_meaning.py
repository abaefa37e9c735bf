"""The trained table, and the vectors of an index."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trunkline.selection.meaning import Meaning, Vectors, at_unit_length
from trunkline.selection.neighbours import Centres, Neighbours, small
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


def neighbours_of(given: Vectors, owners: NDArray[np.int64]) -> Neighbours:
    centres = Centres(small(vectors(64)))
    arrays = centres.arrays("vector", small(given), owners, len(given))
    return Neighbours(Segment({**arrays, "centre": centres.small}), "vector")


def test_most_of_the_closest_are_found_without_a_look_at_all() -> None:
    given = vectors(20_000)
    looked, cosines = neighbours_of(given, np.arange(20_000)).near(given[0])
    assert len(looked) < len(given) / 2
    assert cosines == pytest.approx(given[looked] @ given[0], abs=0.05)
    assert looked[cosines.argmax()] == 0
    closest = np.argsort(-(given @ given[0]))[:10]
    assert len(np.intersect1d(looked, closest)) >= 5


def test_a_few_vectors_are_all_looked_at() -> None:
    looked, _ = neighbours_of(vectors(50), np.arange(50)).near(vectors(1)[0])
    assert sorted(looked) == list(range(50))


def test_no_vectors_are_no_trouble() -> None:
    near = neighbours_of(vectors(0), np.arange(0))
    assert len(near.near(vectors(1)[0])[0]) == 0


def test_the_closest_vector_of_a_tool_counts_and_a_tool_may_have_none() -> None:
    given = vectors(4)
    near = neighbours_of(given, np.array([2, 0, 2, 3]))
    found = near.closest(given[:1], np.array([0, 1, 2, 3]))
    assert found[0] == pytest.approx(np.maximum([given[1] @ given[0], 0, 1, given[3] @ given[0]], 0), abs=0.05)


def test_the_cluster_of_a_vector_is_the_same_in_whatever_company() -> None:
    centres, given = (
        Centres.load(),
        small(at_unit_length(np.random.default_rng(2).normal(size=(500, 192)).astype(np.float32))),
    )
    together = centres.nearest(given)
    assert [int(centres.nearest(given[number : number + 1])[0]) for number in range(500)] == together.tolist()
