"""What calls taught, in the ranking: a little, visible, and only where it decides."""

from pathlib import Path

import pytest

from trunkline.selection.index import Found, Index
from trunkline.selection.prior import PART, Prior, learned

ASKED = "create an issue in GitHub"


@pytest.fixture(scope="module")
def index(catalog_folder: Path) -> Index:
    return Index.open(catalog_folder)


def names(found: Found) -> list[str]:
    return [hit.name for hit in found.hits]


def test_without_lessons_nothing_changes(index: Index) -> None:
    found = index.search(ASKED)
    assert learned(index, found, Prior(), (), None) is found


def test_a_tool_that_went_well_moves_up_past_a_close_one_and_says_why(index: Index) -> None:
    found = index.search(ASKED, limit=30)
    close = next(i for i in range(1, 30) if 0 <= found.hits[i - 1].score - found.hits[i].score < 0.2)
    liked = found.hits[close].name
    again = learned(index, found, Prior({liked: (50.0, 50.0)}), (), None)
    assert names(again).index(liked) < close
    hit = next(hit for hit in again.hits if hit.name == liked)
    assert 0 < hit.parts[PART] <= 0.4
    assert sorted(names(again)) == sorted(names(found))


def test_the_right_tool_stays_first_however_often_another_was_called(index: Index) -> None:
    found = index.search(ASKED, limit=30)
    prior = Prior({found.hits[-1].name: (10_000.0, 10_000.0)})
    assert names(learned(index, found, prior, (), None))[0] == "github_create_issue"


def test_a_tool_that_always_failed_counts_less(index: Index) -> None:
    assert Prior({"a_b": (20.0, 0.0)}).bonus("a_b", ()) < 0 < Prior({"a_b": (20.0, 20.0)}).bonus("a_b", ())


def test_what_mostly_precedes_a_tool_is_shown_before_it_where_the_graph_has_nothing(index: Index) -> None:
    asked = "search GitHub repositories"
    first = index.search(asked).hits[0].name
    assert first not in index.producers("github")
    prior = Prior({first: (6.0, 6.0)}, {("jira_get_issue", first): 4.0})
    found = learned(index, index.search(asked), prior, (), None)
    assert [hit.name for hit in found.prerequisites if hit.prerequisite_of == first] == ["jira_get_issue"]
    only_github = index.allow(services=["github"])
    within = learned(index, index.search(asked, allowed=only_github), prior, (), only_github)
    assert "jira_get_issue" not in [hit.name for hit in within.prerequisites]


def test_an_edge_takes_several_times_and_most_calls(index: Index) -> None:
    assert Prior({"b": (3.0, 3.0)}, {("a", "b"): 2.0}).leads_to("b") == ""
    assert Prior({"b": (90.0, 90.0)}, {("a", "b"): 9.0}).leads_to("b") == ""
    assert Prior({"b": (9.0, 9.0)}, {("a", "b"): 9.0}).leads_to("b") == "a"
