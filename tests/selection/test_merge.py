"""An index made from the last one and what changed is the index that would be made from nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.selection.conftest import CLOSE, GITHUB, SERVICES, SLACK, TOOLS, tool
from trunkline.catalog.usage import Usage
from trunkline.contract import NotFound, Service, ToolSpec
from trunkline.selection import shelf
from trunkline.selection.index import Index
from trunkline.selection.layout import FILE
from trunkline.selection.piece import Indexer
from trunkline.selection.shelf import Shelf

USAGE = Usage(services={"slack": ("talk to the team",)}, tools={"slack_post_message": ("ping someone", "say hello")})
OTHER_TOOLS = (
    tool(GITHUB, "star_repository", "Star a repository", "PUT /user/starred/{repo}", "repo"),
    tool(GITHUB, "list_gists", "List gists, ordered by glacier", "GET /gists", "since"),
)


@pytest.fixture(scope="module")
def indexer() -> Indexer:
    return Indexer.load()


def index(folder: Path, indexer: Indexer, services: Sequence[Service], tools: Sequence[ToolSpec], **keys: str) -> bytes:
    """Indexes `services` in `folder`, making the pieces that are not there with their keys; the index's bytes."""
    folder.mkdir(exist_ok=True)
    found = Shelf(folder)
    wanted = [(each, keys.get(each.id, "first")) for each in services]
    for each, key in wanted:
        if not found.has(each.id, key):
            piece = indexer.piece(each, [spec for spec in tools if spec.service == each.id], USAGE)
            shelf.put(folder, each.id, key, piece)
    found.index(wanted)
    return (folder / FILE).read_bytes()


def test_a_changed_service_gives_the_same_bytes_as_all_of_them_anew(tmp_path: Path, indexer: Indexer) -> None:
    changed = [*OTHER_TOOLS, *(spec for spec in TOOLS if spec.service != "github")]
    index(tmp_path / "kept", indexer, SERVICES, TOOLS)
    kept = index(tmp_path / "kept", indexer, SERVICES, changed, github="second")
    assert kept == index(tmp_path / "anew", indexer, SERVICES, changed, github="second")
    assert Index.open(tmp_path / "kept").search("star a repository").hits[0].name == "github_star_repository"


def test_services_that_come_and_go_leave_no_trace(tmp_path: Path, indexer: Indexer) -> None:
    without = [each for each in SERVICES if each is not CLOSE]
    alone = index(tmp_path / "alone", indexer, without, TOOLS)
    index(tmp_path / "more", indexer, SERVICES, TOOLS)
    assert index(tmp_path / "more", indexer, without, TOOLS) == alone


def test_the_order_in_which_services_come_does_not_matter(tmp_path: Path, indexer: Indexer) -> None:
    forth = index(tmp_path / "forth", indexer, SERVICES, TOOLS)
    assert index(tmp_path / "back", indexer, SERVICES[::-1], TOOLS) == forth


def test_tools_are_found_by_name_where_one_service_begins_as_another_does(tmp_path: Path, indexer: Indexer) -> None:
    slack_connect = Service("slack-connect", "Slack Connect", "", "comms", "https://x.example", ("x.example",))
    tools = (*TOOLS, tool(slack_connect, "list_invites", "List invites", "GET /invites", "limit"))
    index(tmp_path, indexer, [*SERVICES, slack_connect], tools)
    hits = Index.open(tmp_path).search("slack-connect_list_invites slack_get_team", limit=2).hits
    assert {hit.name for hit in hits} == {"slack-connect_list_invites", "slack_get_team"}


def test_pieces_are_gone_once_they_are_part_of_the_index(tmp_path: Path, indexer: Indexer) -> None:
    index(tmp_path, indexer, SERVICES, TOOLS)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert Shelf(tmp_path).is_indexed([(each, "first") for each in SERVICES])
    assert not Shelf(tmp_path).is_indexed([(each, "first") for each in SERVICES[1:]])


def test_a_damaged_index_is_as_good_as_none(tmp_path: Path, indexer: Indexer) -> None:
    index(tmp_path, indexer, SERVICES, TOOLS)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:5_000])
    assert not Shelf(tmp_path).has("slack", "first")


def test_what_is_not_at_hand_cannot_be_indexed(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="slack"):
        Shelf(tmp_path).index([(SLACK, "first")])
