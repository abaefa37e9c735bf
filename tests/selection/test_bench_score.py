"""The benchmark's arithmetic: what counts as found, and when one engine is ahead of another."""

import math

import numpy as np
import pytest

from bench.selection import questions
from bench.selection.score import METRICS, leads, means, score
from bench.selection.sets import AT_MOST, Query, chosen
from bench.tokens import tasks


def query(*gold: str, **alternates: tuple[str, ...]) -> Query:
    return Query("q", "?", gold, alternates)


def measured(asked: Query, *ranked: str) -> dict[str, float]:
    return means(score([asked], {"q": ranked}))


def test_every_right_tool_at_the_top_is_a_hundred_percent_but_for_the_first_place() -> None:
    assert measured(query("a", "b"), "b", "a", "c") == dict(zip(METRICS, (50, 100, 100, 100, 100, 100), strict=True))


def test_a_tool_behind_the_fifth_place_counts_for_ten_only() -> None:
    now = measured(query("a"), "1", "2", "3", "4", "5", "a")
    assert (now["R@5"], now["C@5"], now["R@10"], now["C@10"]) == (0, 0, 100, 100)
    assert now["nDCG@10"] == pytest.approx(100 / math.log2(7), abs=0.01)


def test_an_equally_right_tool_counts_once() -> None:
    now = measured(query("a", "b", a=("x", "y")), "x", "y", "a")
    assert (now["R@5"], now["C@5"]) == (50, 0)


def test_what_is_behind_the_tenth_place_is_not_found() -> None:
    assert measured(query("a"), *map(str, range(10)), "a")["R@10"] == 0


def test_a_lead_on_every_query_is_significant_and_none_is_not() -> None:
    better, worse = np.full((50, len(METRICS)), 60.0), np.full((50, len(METRICS)), 40.0)
    assert {lead.mark for lead in leads([better], [worse]).values()} == {"+"}
    assert {lead.mark for lead in leads([worse], [better]).values()} == {"-"}
    assert {lead.mark for lead in leads([better], [better]).values()} == {""}


def test_a_lead_that_chance_explains_is_none() -> None:
    ours = np.random.default_rng(1).choice([0.0, 100.0], size=(50, len(METRICS)))
    lead = leads([ours], [ours[::-1]])["R@5"]
    assert lead.low < lead.points < lead.high
    assert lead.mark == ""


def test_a_large_set_is_asked_the_same_queries_each_time() -> None:
    many = [Query(f"{number}", "?", ("a",)) for number in range(1_000)]
    assert len(chosen(many)) == AT_MOST
    assert chosen(many) == chosen(many)
    assert chosen(many[:50]) == many[:50]


def test_a_question_that_the_catalog_cannot_answer_stops_the_measurement() -> None:
    with pytest.raises(questions.Wrong, match=r"the catalog has no b\n.*y is no right answer"):
        questions.check([query("a", "b", y=("a",))], {"a"})


def test_questions_with_one_id_stop_the_measurement() -> None:
    with pytest.raises(questions.Wrong, match="there twice"):
        questions.check([query("a"), query("a")], {"a"})


def test_an_argument_is_taken_from_an_earlier_answer() -> None:
    answers = [{"channels": [{"id": "C1"}]}]
    assert tasks.filled({"channel": "$0.channels.0.id", "n": 1}, answers) == {"channel": "C1", "n": 1}


def test_what_an_answer_does_not_say_ends_the_task() -> None:
    with pytest.raises(tasks.CannotFinish):
        tasks.filled({"values": [["$0.channels.0.id"]]}, [{"channels": []}])
