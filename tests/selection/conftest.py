"""A small catalog with the traps of a real one: a service with many tools, names that are words, near duplicates."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from trunkline.contract import AuthKind, AuthScheme, Effect, Plan, Service, ToolSpec
from trunkline.contract.categories import Category
from trunkline.selection.build import build
from trunkline.selection.index import Index
from trunkline.selection.signature import render


def service(id: str, title: str, category: Category, *aliases: str) -> Service:
    auth = (AuthScheme(AuthKind.BEARER),)
    return Service(id, title, "", category, f"https://{id}.example", (f"{id}.example",), auth, aliases=aliases)


def tool(owner: Service, rest: str, description: str, route: str, *arguments: str) -> ToolSpec:
    method, _, path = route.partition(" ")
    name = f"{owner.id}_{rest}"
    schema = {"type": "object", "properties": {argument: {"type": "string"} for argument in arguments}}
    effect = {"GET": Effect.READ, "DELETE": Effect.DELETE}.get(method, Effect.WRITE)
    return ToolSpec(
        name=name,
        service=owner.id,
        category=owner.category,
        operation=rest,
        title=description,
        description=description,
        effect=effect,
        idempotent=False,
        input_schema=msgspec.json.encode(schema),
        signature=render(name, schema, description),
        signature_tokens=20,
        listing_tokens=100,
        plan=Plan(method, path),
    )


GITHUB = service("github", "GitHub", "code")
SLACK = service("slack", "Slack", "comms")
DISCORD = service("discord", "Discord", "comms")
SHEETS = service("google-sheets", "Google Sheets", "productivity", "gsheets")
CLOSE = service("close", "Close", "crm")
SERVICES = (GITHUB, SLACK, DISCORD, SHEETS, CLOSE)

_REPO = "/repos/{owner}/{repo}"
TOOLS = (
    tool(GITHUB, "create_issue", "Create an issue", f"POST {_REPO}/issues", "owner", "repo", "title", "body"),
    tool(GITHUB, "create_issue_comment", "Create an issue comment", f"POST {_REPO}/issues/{{number}}/comments", "body"),
    tool(GITHUB, "update_issue", "Update an issue", f"PATCH {_REPO}/issues/{{number}}", "title", "state"),
    tool(GITHUB, "list_issues_for_repo", "List repository issues", f"GET {_REPO}/issues", "state"),
    tool(GITHUB, "delete_issue_label", "Delete a label", f"DELETE {_REPO}/labels/{{name}}", "name"),
    tool(GITHUB, "list_teams", "List teams", "GET /orgs/{org}/teams", "org"),
    tool(GITHUB, "merge_pull_request", "Merge a pull request", f"PUT {_REPO}/pulls/{{number}}/merge", "sha"),
    *(tool(GITHUB, f"get_issue_{n}", f"Get issue {n}", f"GET /{n}", "id") for n in ("field", "type", "event", "lock")),
    tool(SLACK, "post_message", "Post a message to a channel", "POST /chat.postMessage", "channel", "text"),
    tool(SLACK, "delete_message", "Delete a message", "POST /chat.delete", "channel", "ts"),
    tool(SLACK, "get_team", "Get team", "GET /team.info", "team"),
    tool(SLACK, "list_channels", "List channels", "GET /conversations.list", "limit"),
    tool(DISCORD, "create_message", "Post a message to a channel", "POST /channels/{id}/messages", "content"),
    tool(SHEETS, "append_row", "Append a row to a sheet", "POST /append", "values"),
    tool(SHEETS, "read_range", "Read a range of cells", "GET /values/{range}", "range"),
    tool(CLOSE, "create_lead", "Create a lead", "POST /lead", "name"),
    tool(CLOSE, "list_leads", "List leads", "GET /lead", "query"),
)


def indexed(folder: Path, services: Iterable[Service], tools: Iterable[ToolSpec]) -> Index:
    build(folder, services, tools)
    return Index.open(folder)


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return indexed(tmp_path_factory.mktemp("index"), SERVICES, TOOLS)
