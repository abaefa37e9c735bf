"""The five meta-tools over a small catalog that is really compiled, stored and indexed."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from trunkline.catalog import Catalog, write_catalog
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Effect,
    InvalidArguments,
    NotFound,
    Plan,
    Principal,
    Service,
    ToolCall,
    ToolSpec,
)
from trunkline.contract.categories import Category
from trunkline.economy.spent import NoBooks
from trunkline.gateway.meta.priors import Priors
from trunkline.gateway.meta.tools import MetaTools
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.gateway.work import Work
from trunkline.selection import tokens
from trunkline.selection.build import build
from trunkline.selection.index import Index
from trunkline.selection.signature import render

CALLER = Caller(Principal("owner", "home"), Toolset())


def fresh() -> Work:
    """A task that has seen nothing."""
    return Work("", CALLER, "", 0.0)


STRING = {"type": "string"}


def service(id: str, title: str, category: Category, *, auth: bool = True) -> Service:
    schemes = (AuthScheme(AuthKind.BEARER),) if auth else ()
    summary = f"What {title} is for. More words."
    return Service(id, title, summary, category, f"https://{id}.example", (f"{id}.example",), schemes)


def tool(owner: Service, rest: str, what: str, effect: Effect, *required: str, **optional: dict[str, Any]) -> ToolSpec:
    name = f"{owner.id}_{rest}"
    properties = dict.fromkeys(required, STRING) | optional
    schema = {"type": "object", "properties": properties, "required": list(required)}
    signature = render(name, schema, what)
    text = json.dumps(schema)
    return ToolSpec(
        name=name,
        service=owner.id,
        category=owner.category,
        operation=rest,
        title=what,
        description=what,
        effect=effect,
        idempotent=effect is Effect.DELETE,
        input_schema=text.encode(),
        signature=signature,
        signature_tokens=tokens.count(signature),
        listing_tokens=tokens.count(text + what),
        plan=Plan("GET" if effect is Effect.READ else "POST", f"/{rest}"),
        keep=("number", "html_url") if rest == "create_issue" else (),
    )


GITHUB = service("github", "GitHub", "code")
SLACK = service("slack", "Slack", "comms")
CLOCK = service("clock", "World Clock", "productivity", auth=False)
ENTRIES = (
    (
        GITHUB,
        [
            tool(GITHUB, "create_issue", "Create an issue", Effect.WRITE, "owner", "repo", "title", body=STRING),
            tool(GITHUB, "list_issues", "List issues", Effect.READ, "owner", "repo"),
            tool(GITHUB, "delete_issue", "Delete an issue", Effect.DELETE, "id"),
            *(tool(GITHUB, f"list_{noun}s", f"List {noun}s", Effect.READ) for noun in ("team", "branch", "label")),
        ],
    ),
    (
        SLACK,
        [
            tool(SLACK, "post_message", "Post a message to a channel", Effect.WRITE, "channel", text=STRING),
            tool(SLACK, "list_channels", "List channels", Effect.READ, types={"type": "array", "items": STRING}),
        ],
    ),
    (CLOCK, [tool(CLOCK, "get_time", "Get the time of a city", Effect.READ, "city")]),
)


class Warmed:
    """Notes which categories were to be started."""

    def __init__(self) -> None:
        self.categories: list[str] = []

    def __call__(self, categories: Iterable[str]) -> None:
        self.categories += categories


async def connected(principal: Principal) -> frozenset[str]:
    return frozenset({"github"}) if principal == CALLER.principal else frozenset()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    write_catalog(folder, ENTRIES)
    build(folder, [service for service, _ in ENTRIES], [spec for _, specs in ENTRIES for spec in specs])
    return folder


@pytest.fixture
def warmed() -> Warmed:
    return Warmed()


@pytest.fixture
def meta(folder: Path, warmed: Warmed) -> MetaTools:
    return MetaTools(Catalog.open(folder), Index.open(folder), connected, warmed, Priors(NoBooks()))


async def run(meta: MetaTools, name: str, **arguments: object) -> str:
    result = await meta.run(name, json.dumps(arguments).encode(), CALLER, fresh())
    assert not result.is_error
    return result.text


def test_the_menu_is_five_tools_sorted_by_name(meta: MetaTools) -> None:
    listed = [json.loads(text) for text in meta.definitions(None)]
    names = [one["name"] for one in listed]
    assert names == sorted(names) == sorted(meta.names)
    assert all(one["inputSchema"]["type"] == "object" for one in listed)


def test_the_menu_costs_at_most_900_tokens(meta: MetaTools) -> None:
    assert tokens.count(b"".join(meta.definitions(None)).decode()) <= 900


def test_only_call_tool_may_change_something(meta: MetaTools) -> None:
    hints = {one["name"]: one["annotations"] for one in map(json.loads, meta.definitions(None))}
    assert {name for name, hint in hints.items() if not hint["readOnlyHint"]} == {"call_tool"}
    assert hints["call_tool"]["destructiveHint"] is True
    assert {name for name, hint in hints.items() if hint["openWorldHint"]} == {"call_tool", "call_read_tool"}


async def test_finding_groups_by_intent_and_says_what_to_connect(meta: MetaTools) -> None:
    text = await run(meta, "find_tools", intents=["Create a GitHub issue and notify the team on Slack"])
    lines = text.splitlines()
    assert lines[0] == "# Create a GitHub issue"
    assert lines[1] == "github_create_issue(owner, repo, title, body?: str) - Create an issue"
    assert "slack_post_message(channel, text?: str) - Post a message to a channel" in lines
    assert "Not connected: slack. To connect, the owner runs: trunkline connect slack" in lines


async def test_finding_ends_with_a_call_that_can_be_made(meta: MetaTools) -> None:
    text = await run(meta, "find_tools", intents=["create an issue"])
    word, _, call = text.splitlines()[-1].removeprefix("Example: ").partition(" ")
    inner = meta.unwrap(word, call.encode())
    assert inner is not None
    assert inner.name == "github_create_issue"
    assert json.loads(inner.arguments) == {"owner": "<owner>", "repo": "<repo>", "title": "<title>"}


async def test_what_reads_and_what_deletes_is_marked(meta: MetaTools) -> None:
    lines = (await run(meta, "find_tools", intents=["issue"])).splitlines()
    marked = {line.partition("(")[0]: line.rpartition(" ")[2] for line in lines if line.startswith("github_")}
    assert (marked["github_list_issues"], marked["github_delete_issue"]) == ("[read]", "[delete]")


async def test_finding_starts_the_categories_of_what_it_found(meta: MetaTools, warmed: Warmed) -> None:
    await run(meta, "find_tools", intents=["create a GitHub issue", "post a message in Slack"])
    assert sorted(warmed.categories) == ["code", "comms"]


async def test_a_service_without_sign_in_needs_no_connection(meta: MetaTools) -> None:
    assert "Not connected" not in await run(meta, "find_tools", intents=["what is the time in a city"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"intents": ["create an issue"]},
        {"intents": "create an issue"},
        {"intents": '["create an issue"]'},
        {"query": "create an issue"},
        {"queries": ["create an issue"], "limit": "3"},
    ],
)
async def test_finding_takes_what_models_write(meta: MetaTools, arguments: dict[str, object]) -> None:
    assert (await run(meta, "find_tools", **arguments)).startswith("github_create_issue(")


async def test_finding_within_one_service_shows_no_other(meta: MetaTools) -> None:
    text = await run(meta, "find_tools", intents=["list things"], service="Slack")
    assert "slack_list_channels" in text
    assert "github_" not in text


async def test_an_unknown_service_names_near_misses(meta: MetaTools) -> None:
    with pytest.raises(NotFound, match=r"githab.*github"):
        await run(meta, "find_tools", intents=["create an issue"], service="githab")


async def test_a_limit_is_kept(meta: MetaTools) -> None:
    text = await run(meta, "find_tools", intents=["list issues"], limit=1)
    assert text.count("github_") == 2  # the tool, and its example


async def test_a_request_that_fits_nothing_says_what_to_try(meta: MetaTools) -> None:
    assert "list_services" in await run(meta, "find_tools", intents=["qqqq zzzz"])


@pytest.mark.parametrize("arguments", [{}, {"intents": []}, {"intents": 7}, {"intents": ["  "]}])
async def test_finding_without_an_intent_names_the_form(meta: MetaTools, arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidArguments) as caught:
        await run(meta, "find_tools", **arguments)
    assert '{"intents": [' in caught.value.hint


@pytest.mark.parametrize("limit", [0, -1, "many", [1]])
async def test_a_limit_that_is_none_is_refused(meta: MetaTools, limit: object) -> None:
    with pytest.raises(InvalidArguments, match="limit"):
        await run(meta, "find_tools", intents=["create an issue"], limit=limit)


@pytest.mark.parametrize("arguments", [b"[]", b"7", b"{", b'{"intents": ['])
async def test_arguments_that_are_no_object_are_refused(meta: MetaTools, arguments: bytes) -> None:
    with pytest.raises(InvalidArguments):
        await meta.run("find_tools", arguments, CALLER, fresh())


async def test_describing_gives_the_exact_schema_and_the_effect(meta: MetaTools) -> None:
    text = await run(meta, "describe_tools", names=["github_create_issue"])
    head, _, rest = text.partition("\n")
    assert head == "github_create_issue (changes data)"
    schema = next(line for line in rest.splitlines() if line.startswith("input: ")).removeprefix("input: ")
    assert json.loads(schema)["required"] == ["owner", "repo", "title"]
    assert text.endswith("returns: number, html_url")


async def test_describing_says_what_cannot_be_undone(meta: MetaTools) -> None:
    text = await run(meta, "describe_tools", names="github_delete_issue, github_list_issues")
    assert "github_delete_issue (deletes; cannot be undone, safe to repeat)" in text
    assert "github_list_issues (reads only)" in text


async def test_an_unknown_name_is_answered_with_near_misses_beside_the_known(meta: MetaTools) -> None:
    text = await run(meta, "describe_tools", names=["github_issue_create", "slack_list_channels"])
    assert "github_issue_create: no such tool. Similar: github_create_issue" in text
    assert "slack_list_channels (reads only)" in text


@pytest.mark.parametrize(
    "arguments",
    [
        b'{"name": "slack_post_message", "arguments": {"channel": "C1"}}',
        b'{"tool": "slack_post_message", "args": {"channel": "C1"}}',
        b'{"name": "slack_post_message", "arguments": "{\\"channel\\": \\"C1\\"}"}',
        b'{"name": "slack_post_message", "channel": "C1"}',
    ],
)
def test_a_call_is_unwrapped_however_it_is_written(meta: MetaTools, arguments: bytes) -> None:
    call = meta.unwrap("call_tool", arguments)
    assert call is not None
    assert (call.name, json.loads(call.arguments)) == ("slack_post_message", {"channel": "C1"})


def test_the_arguments_inside_a_call_are_passed_on_as_they_are(meta: MetaTools) -> None:
    inner = b'{"channel" : "C1", "n": 1.10, "big": 12345678901234567890}'
    arguments = b'{"name": "slack_post_message", "arguments": %b}' % inner
    assert meta.unwrap("call_read_tool", arguments) == ToolCall("slack_post_message", inner)


@pytest.mark.parametrize("arguments", [b'{"name": "x_y"}', b'{"name": "x_y", "arguments": null}'])
def test_a_call_without_arguments_has_none(meta: MetaTools, arguments: bytes) -> None:
    assert meta.unwrap("call_tool", arguments) == ToolCall("x_y", b"{}")


@pytest.mark.parametrize(
    "arguments",
    [
        b"{}",
        b'{"arguments": {}}',
        b'{"name": "x_y", "arguments": [1]}',
        b'{"name": "x_y", "arguments": "no json"}',
        b'{"name": 7}',
        b'{"name": "find_tools", "arguments": {"intents": ["x"]}}',
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(meta: MetaTools, arguments: bytes) -> None:
    with pytest.raises(InvalidArguments):
        meta.unwrap("call_tool", arguments)


def test_the_other_tools_hold_no_call(meta: MetaTools) -> None:
    assert meta.unwrap("find_tools", b"{}") is None


async def test_services_are_listed_a_line_a_category(meta: MetaTools) -> None:
    lines = (await run(meta, "list_services")).splitlines()
    assert lines[:2] == ["code: 1 services, 6 tools: github*", "comms: 1 services, 2 tools: slack"]


@pytest.mark.parametrize("wanted", ["comms", "slack", "Slack", "what slack is"])
async def test_a_filter_gives_details(meta: MetaTools, wanted: str) -> None:
    text = await run(meta, "list_services", filter=wanted)
    assert text == "slack (comms, 2 tools, not connected: trunkline connect slack) Slack: What Slack is for"


async def test_the_connected_ones_can_be_asked_for(meta: MetaTools) -> None:
    text = await run(meta, "list_services", filter="connected")
    assert [line.partition(" ")[0] for line in text.splitlines()] == ["clock", "github"]


async def test_a_family_is_connected_together(tmp_path: Path) -> None:
    family = [(msgspec.structs.replace(each, family="clouds"), specs) for each, specs in ENTRIES]
    write_catalog(tmp_path, family)
    build(tmp_path, [each for each, _ in family], [spec for _, specs in family for spec in specs])

    async def clouds(_: Principal) -> frozenset[str]:
        return frozenset({"clouds"})

    meta = MetaTools(Catalog.open(tmp_path), Index.open(tmp_path), clouds, Warmed(), Priors(NoBooks()))
    text = await run(meta, "list_services", filter="connected")
    assert [line.partition(" ")[0] for line in text.splitlines()] == ["clock", "github", "slack"]


async def test_a_filter_that_fits_nothing_says_so(meta: MetaTools) -> None:
    with pytest.raises(NotFound, match=r"slak.*slack"):
        await run(meta, "list_services", filter="slak")


async def test_a_stranger_sees_nothing_connected(meta: MetaTools) -> None:
    stranger = Caller(Principal("other", "home"), Toolset())
    result = await meta.run("find_tools", b'{"intents": ["create an issue"]}', stranger, fresh())
    assert "Not connected: github" in result.text


DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize("intents", [b"[1e999]", b"9" * 5000, json.dumps(DEEP).encode(), b'"[1e999]"'])
async def test_a_number_or_a_depth_past_all_bounds_is_no_fault_of_ours(meta: MetaTools, intents: bytes) -> None:
    with suppress(InvalidArguments):
        await meta.run("find_tools", b'{"intents":' + intents + b"}", CALLER, fresh())
    with pytest.raises(InvalidArguments):
        meta.unwrap(
            "call_tool", json.dumps({"name": "github_create_issue", "arguments": '{"a":' + DEEP + "}"}).encode()
        )


@pytest.mark.parametrize(
    ("name", "word"), [("describe_tools", "names"), ("find_tools", "service"), ("list_services", "filter")]
)
async def test_a_name_of_a_megabyte_is_neither_compared_nor_repeated(meta: MetaTools, name: str, word: str) -> None:
    began = time.thread_time()  # CPU: what a busy machine does besides does not count
    try:
        said = await run(meta, name, intents=["x"], **{word: "q" * 1_000_000})
    except NotFound as refused:
        said = refused.message
    assert len(said) < 300
    assert time.thread_time() - began < 0.5


async def test_an_answer_holds_to_the_budget_that_was_asked_for(meta: MetaTools) -> None:
    asked: dict[str, Any] = {"intents": ["issues of a repository", "post a message"]}
    free = await run(meta, "find_tools", **asked)
    for budget in (60, 90, 150):
        held = await run(meta, "find_tools", **asked, budget=budget)
        assert tokens.count(held) <= budget * 1.1
        assert len(held) <= len(free)
    assert "github_" in await run(meta, "find_tools", **asked, budget=50)


async def test_a_schema_is_not_said_twice_within_a_task_unless_asked_for_again(meta: MetaTools) -> None:
    task = fresh()
    first, second, again = [
        (await meta.run("describe_tools", arguments, CALLER, task)).text
        for arguments in (
            b'{"names": ["github_create_issue"]}',
            b'{"names": ["github_create_issue", "github_list_issues"]}',
            b'{"names": ["github_create_issue"], "again": true}',
        )
    ]
    assert first == again
    assert '"again":true' in second
    assert first not in second
    assert "github_list_issues (reads only)" in second


async def test_a_signature_that_was_shown_before_comes_without_its_use(meta: MetaTools) -> None:
    task, asked = fresh(), b'{"intents": ["create an issue in github"]}'
    first, second = [(await meta.run("find_tools", asked, CALLER, task)).text for _ in range(2)]
    assert "github_create_issue(owner, repo, title, body?: str) - Create an issue" in first
    assert "github_create_issue(owner, repo, title, body?: str)\n" in second
    assert tokens.count(second) < tokens.count(first)


async def test_only_what_is_in_the_toolset_is_found_described_and_listed(meta: MetaTools) -> None:
    caller = Caller(CALLER.principal, Toolset("mix", frozenset({"github_list_issues", "slack"})))
    found = (await meta.run("find_tools", b'{"intents": ["create an issue", "list issues"]}', caller, fresh())).text
    assert "github_list_issues(" in found
    assert "github_create_issue" not in found
    described = (await meta.run("describe_tools", b'{"names": ["github_create_issue"]}', caller, fresh())).text
    assert described.startswith("github_create_issue: no such tool.")
    listed = (await meta.run("list_services", b"{}", caller, fresh())).text
    assert "clock" not in listed
    assert "code: 1 services, 1 tools" in listed
    assert b"tools of 2 services (GitHub, Slack)" in b"".join(meta.definitions(caller.toolset.members))
