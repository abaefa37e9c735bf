"""Where the next page of everyday lists is, as the vendors' own references say it.

Anthropic, "Pagination": `last_id` as `after_id` while `has_more`. Discord, "Get Channel Messages" (the newest first:
`before` a message) and "List Guild Members" (`after` the highest user id). Sentry, "Paginating Results": the Link
header. HubSpot, "Paging through results": `paging.next.after`. Trello, "Nested resources", actions: `before` an action.
"""

from typing import Any, NamedTuple

import pytest

from tests.support.folders import downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.cursor import Position
from trunkline.category.paging import next_page
from trunkline.category.upstream import Answer
from trunkline.compiler.service import compile_service
from trunkline.contract import ToolSpec

SENTRY = (
    '<https://us.sentry.io/api/0/projects/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
    '<https://us.sentry.io/api/0/projects/?cursor=0:100:0>; rel="next"; results="{}"; cursor="0:100:0"'
)


class List(NamedTuple):
    tool: str
    value: Any
    next: Position | None
    link: str = ""


LISTS = [
    List(
        "anthropic_list_message_batches",
        {"data": [{"id": "b1"}, {"id": "b2"}], "has_more": True, "first_id": "b1", "last_id": "b2"},
        Position({"after_id": "b2"}),
    ),
    List("anthropic_list_models", {"data": [{"id": "m"}], "has_more": False, "first_id": "m", "last_id": "m"}, None),
    List("discord_list_messages", [{"id": "9"}, {"id": "4"}], Position({"before": "4"})),
    List("discord_list_messages", [], None),
    List("discord_list_guild_members", [{"user": {"id": "4"}}, {"user": {"id": "9"}}], Position({"after": "9"})),
    List("sentry_list_organization_issues", [{}], Position(query=(("cursor", "0:100:0"),)), SENTRY.format("true")),
    List("sentry_list_organization_issues", [{}], None, SENTRY.format("false")),
    List("trello_list_board_actions", [{"id": "a2"}, {"id": "a1"}], Position({"before": "a1"})),
    List(
        "hubspot-conversations_list_threads",
        {"results": [{}], "paging": {"next": {"after": "Mg"}}},
        Position({"after": "Mg"}),
    ),
    List("hubspot-engagements_list_calls", {"results": [{}]}, None),
]


@pytest.fixture(scope="module")
def tools() -> dict[str, ToolSpec]:
    manifests, sources = Manifests.load().by_id, Sources(downloads(), mirror())
    services = {each.tool.partition("_")[0] for each in LISTS}
    texts = {name: [(source, sources.fetch(source)) for source in manifests[name].sources] for name in services}
    compiled = [compile_service(manifests[name], text) for name, text in texts.items()]
    return {spec.name: spec for each in compiled for spec in each.specs}


@pytest.mark.parametrize("case", LISTS, ids=lambda case: case.tool)
def test_the_next_page_is_where_the_vendor_says(tools: dict[str, ToolSpec], case: List) -> None:
    paging = tools[case.tool].paging
    assert paging is not None
    answer = Answer(200, "application/json", b"", headers={"Link": case.link})
    assert next_page(paging, answer, case.value, Position(), {}) == case.next
