"""Which tool has what another one needs."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.selection.conftest import GITHUB, SERVICES, SLACK, indexed, tool
from trunkline.contract import NotFound, ToolSpec
from trunkline.selection.index import Index


def requiring(spec: ToolSpec, *arguments: str) -> ToolSpec:
    schema = msgspec.json.decode(spec.input_schema) | {"required": arguments}
    return replace(spec, input_schema=msgspec.json.encode(schema))


POST = requiring(
    tool(SLACK, "post_message", "Post a message to a channel", "POST /chat.postMessage", "channel", "text"),
    "channel",
)
CONVERSATIONS = tool(SLACK, "list_conversations", "List all conversations", "GET /conversations.list", "limit")
CONVERSATION = tool(SLACK, "get_conversation", "Get one", "GET /conversations.info", "channel")
ISSUE = tool(GITHUB, "create_issue", "Create an issue", "POST /issues", "title")
ASKED = "Create a GitHub issue and notify the team on Slack"


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return indexed(tmp_path_factory.mktemp("index"), SERVICES, [POST, CONVERSATION, CONVERSATIONS, ISSUE])


def test_what_an_argument_calls_a_channel_is_what_a_tool_calls_a_conversation(slack: Index) -> None:
    assert slack.producers("slack") == {"slack_post_message": ("slack_list_conversations",)}


def test_a_tool_has_those_around_it_that_it_needs_and_that_need_it(slack: Index) -> None:
    assert slack.around("slack_post_message") == (("slack_list_conversations",), ())
    assert slack.around("slack_list_conversations") == ((), ("slack_post_message",))
    with pytest.raises(NotFound):
        slack.around("slack_no_such")


def test_a_request_finds_what_its_tools_need_too(slack: Index) -> None:
    needed = slack.search(ASKED).prerequisites
    assert [(hit.name, hit.prerequisite_of) for hit in needed] == [("slack_list_conversations", "slack_post_message")]
    assert [hit.name for hit in slack.search(["post a message"]).prerequisites] == ["slack_list_conversations"]


def test_what_is_asked_for_itself_is_no_prerequisite(slack: Index) -> None:
    assert slack.search(["list all conversations", "post a message"]).prerequisites == ()


def test_no_prerequisite_is_outside_what_is_allowed(slack: Index) -> None:
    allowed = slack.allow(names=["slack_post_message"])
    assert slack.search("post a message", allowed=allowed).prerequisites == ()


def test_a_graph_of_no_service_says_so(slack: Index) -> None:
    with pytest.raises(NotFound, match="no service nowhere"):
        slack.producers("nowhere")


def test_producers_are_found_whatever_the_order_of_tools(tmp_path: Path, slack: Index) -> None:
    other = indexed(tmp_path, SERVICES, [ISSUE, CONVERSATIONS, POST, CONVERSATION])
    assert other.producers("slack") == slack.producers("slack")
