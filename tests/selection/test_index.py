from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.selection.conftest import SERVICES, TOOLS, indexed
from trunkline.contract import Effect, NotFound
from trunkline.selection.index import Bitmap, Index


def names(
    index: Index,
    query: str | list[str],
    limit: int = 5,
    connected: frozenset[str] = frozenset(),
    allowed: Bitmap | None = None,
) -> list[str]:
    return [hit.name for hit in index.search(query, limit=limit, connected=connected, allowed=allowed).hits]


def test_the_example_request_finds_the_issue_first_and_the_message_beside_it(index: Index) -> None:
    found = index.search("Create a GitHub issue and notify the team on Slack")
    assert [hit.name for hit in found.hits[:2]] == ["github_create_issue", "slack_post_message"]
    assert [found.clauses[hit.clause] for hit in found.hits[:2]] == [
        "Create a GitHub issue",
        "notify the team on Slack",
    ]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("open a new issue", "github_create_issue"),
        ("comment on an issue", "github_create_issue_comment"),
        ("show me the issues of a repository", "github_list_issues_for_repo"),
        ("remove a label", "github_delete_issue_label"),
        ("tell the channel on Slack", "slack_post_message"),
        ("add a row to my gsheets file", "google-sheets_append_row"),
        ("Google Sheets: read cells", "google-sheets_read_range"),
        ("merg the pull reqeust", "github_merge_pull_request"),
        ("github_create_issue_comment", "github_create_issue_comment"),
        ("POST /repos/{owner}/{repo}/issues", "github_create_issue"),
        ("PATCH /repos/octocat/hello/issues/7", "github_update_issue"),
        ("/chat.postMessage", "slack_post_message"),
    ],
)
def test_a_request_finds_its_tool(index: Index, query: str, first: str) -> None:
    assert names(index, query)[0] == first


def test_a_verb_that_is_a_name_too_lifts_no_service(index: Index) -> None:
    assert names(index, "close the issue and post a message in Slack")[0].startswith(("github_", "slack_"))


def test_a_connected_service_ranks_above_an_equal_one(index: Index) -> None:
    request = "post a message to a channel"
    assert names(index, request, connected=frozenset({"discord"}))[0] == "discord_create_message"
    assert names(index, request, connected=frozenset({"slack"}))[0] == "slack_post_message"


def test_a_named_service_ranks_above_a_connected_one(index: Index) -> None:
    assert names(index, "post a message in Slack", connected=frozenset({"discord"}))[0] == "slack_post_message"


def test_a_service_named_alone_is_seen_though_others_use_the_words_of_the_request(index: Index) -> None:
    assert "slack_" in "".join(names(index, "create an issue comment in Slack", limit=3))


def test_who_is_told_something_is_seen_beside_what_it_is_about(index: Index) -> None:
    deeds = "on github list the issues, comment on the pull request, update the label of the issue"
    assert names(index, f"{deeds}, and let people in #releases know it's in")[4] == "slack_post_message"


def test_several_intents_take_turns(index: Index) -> None:
    found = index.search(["create an issue", "create a lead"], limit=4)
    assert [hit.clause for hit in found.hits] == [0, 1, 0, 1]
    assert {hit.name for hit in found.hits[:2]} == {"github_create_issue", "close_create_lead"}


def test_nothing_outside_the_allowed_tools_is_seen(index: Index) -> None:
    allowed = index.allow(services=["slack"], names=["github_create_issue", "unknown_tool"])
    found = names(index, "create an issue, list issues and post a message", limit=50, allowed=allowed)
    assert set(found) <= {tool.name for tool in TOOLS if tool.service == "slack"} | {"github_create_issue"}
    assert "github_create_issue" in found


def test_an_allowed_set_that_is_empty_finds_nothing(index: Index) -> None:
    assert names(index, "create an issue", allowed=index.allow()) == []


def test_the_parts_of_a_score_add_up_to_it(index: Index) -> None:
    for hit in index.search("Create a GitHub issue and notify the team on Slack").hits:
        assert sum(hit.parts.values()) == pytest.approx(hit.score, abs=0.01)


def test_a_hit_carries_what_a_menu_needs(index: Index) -> None:
    hit = index.search("delete a label").hits[0]
    assert (hit.service, hit.effect, hit.signature_tokens) == ("github", Effect.DELETE, 20)
    assert hit.signature == "github_delete_issue_label(name?: str) - Delete a label"


@pytest.mark.parametrize("query", ["", "   ", "the of and", "zzzz qqqq", "!?;:\n\n1. ,", "\udcff", "x" * 100_000])
def test_a_request_that_says_nothing_finds_nothing(index: Index, query: str) -> None:
    assert names(index, query) == []


def test_no_intent_finds_nothing(index: Index) -> None:
    assert names(index, []) == []


def test_equal_tools_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    twins = [TOOLS[0], *(replace(TOOLS[11], name=f"slack_echo_{letter}") for letter in "cab")]
    index = indexed(tmp_path, SERVICES, twins)
    assert names(index, "echo") == ["slack_echo_a", "slack_echo_b", "slack_echo_c"]


def test_the_order_of_the_catalog_does_not_matter(index: Index, tmp_path: Path) -> None:
    other = indexed(tmp_path, SERVICES, reversed(TOOLS))
    for query in ("create issue", "list things", "post a message in Slack and a row in Google Sheets"):
        assert index.search(query) == other.search(query)


def test_a_rebuilt_index_leaves_the_open_one_whole(tmp_path: Path) -> None:
    index = indexed(tmp_path, SERVICES, TOOLS)
    renewed = indexed(tmp_path, SERVICES, TOOLS[:3])
    assert (len(index), len(renewed)) == (len(TOOLS), 3)
    assert names(index, "post a message")[0] == "slack_post_message"


def test_an_empty_catalog_has_an_index_too(tmp_path: Path) -> None:
    index = indexed(tmp_path, SERVICES, [])
    assert names(index, "create an issue") == []
    assert index.listing_tokens == 0


def test_listing_everything_costs_what_the_tools_cost_together(index: Index) -> None:
    assert index.listing_tokens == 100 * len(TOOLS)


def test_a_missing_index_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no index") as caught:
        Index.open(tmp_path)
    assert "trunkline catalog build" in caught.value.hint


def test_a_file_of_another_format_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "selection.index").write_bytes(b"x" * 100)
    with pytest.raises(NotFound, match="another format"):
        Index.open(tmp_path)
