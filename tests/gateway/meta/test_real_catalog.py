"""Requests as people make them, against the real catalog: the right tool is shown, and the answer is short."""

import json
from pathlib import Path
from statistics import median

import pytest

from trunkline.catalog import Catalog
from trunkline.contract import Principal
from trunkline.economy.spent import NoBooks
from trunkline.gateway.meta.priors import Priors
from trunkline.gateway.meta.tools import MetaTools
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.gateway.work import Work
from trunkline.selection import tokens
from trunkline.selection.index import Index

CALLER = Caller(Principal("owner", "home"), Toolset())


def fresh() -> Work:
    """A task that has seen nothing."""
    return Work("", CALLER, "", 0.0)


# A request, and beginnings of tool names of which one must be among those shown for it; several: one of each.
REQUESTS = (
    ("Create a GitHub issue and notify the team on Slack", "github_create_issue slack_post_message"),
    ("create a Trello card and an Asana task", "trello_create_card asana_create_task"),
    ("create a customer in Stripe and send them an email with SendGrid", "stripe_create_customer sendgrid_send_email"),
    ("refund a Stripe payment", "stripe_create_refund"),
    ("add a page to Notion", "notion_create_page"),
    ("schedule a Zoom meeting for tomorrow", "zoom_create_meeting"),
    ("upload a file to Box", "box_"),
    ("merge the pull request", "github_merge_pull"),
    ("comment on the Jira ticket ABC-12", "jira_add_comment"),
    ("create a droplet on DigitalOcean", "digitalocean_create_droplet"),
    ("send an SMS with Twilio", "twilio_create_message"),
    ("transcribe an audio file", "openai_create_transcription"),
    ("generate an image", "openai_create_image"),
    ("invite a user to the Slack workspace", "slack_invite_admin_user"),
    ("create an invoice in Xero", "xero_create_invoice"),
    ("post a message in the #general channel", "slack_post_message"),
    ("trigger a DAG run in Airflow", "airflow_create_dag_run"),
    ("deploy to Vercel", "vercel_create_deployment"),
    ("what is my bank account balance", "plaid_get_account_balance"),
    ("search repositories for a web framework", "github_search_repo"),
    ("POST /repos/{owner}/{repo}/issues", "github_create_issue"),
)


async def connected(principal: Principal) -> frozenset[str]:
    return frozenset({"github", "slack"})


@pytest.fixture(scope="module")
def meta(catalog_folder: Path) -> MetaTools:
    return MetaTools(
        Catalog.open(catalog_folder), Index.open(catalog_folder), connected, lambda _: None, Priors(NoBooks())
    )


async def find(meta: MetaTools, request: str) -> str:
    return (await meta.run("find_tools", json.dumps({"intents": [request]}).encode(), CALLER, fresh())).text


@pytest.mark.parametrize(("request_text", "wanted"), REQUESTS)
async def test_the_right_tools_are_shown(meta: MetaTools, request_text: str, wanted: str) -> None:
    shown = (await find(meta, request_text)).splitlines()
    assert [name for name in wanted.split() if not any(line.startswith(name) for line in shown)] == []


async def test_the_example_request_shows_both_tools_before_any_other(meta: MetaTools, catalog_folder: Path) -> None:
    hits = Index.open(catalog_folder).search(REQUESTS[0][0]).hits
    assert [hit.name for hit in hits[:2]] == ["github_create_issue", "slack_post_message"]


async def test_what_a_message_needs_stands_before_it_and_all_costs_less_than_600_tokens(meta: MetaTools) -> None:
    answer = await find(meta, REQUESTS[0][0])
    names = [line.partition("(")[0] for line in answer.splitlines()]
    assert names.index("slack_list_conversations") == names.index("slack_post_message") - 1
    assert "[read] [before slack_post_message]" in answer
    assert tokens.count(answer) < 600


async def test_half_of_the_answers_cost_less_than_500_tokens_and_none_more_than_900(meta: MetaTools) -> None:
    costs = [tokens.count(await find(meta, request)) for request, _ in REQUESTS]
    assert median(costs) < 500
    assert max(costs) < 900


def test_the_menu_costs_at_most_900_tokens(meta: MetaTools) -> None:
    assert tokens.count(b"".join(meta.definitions(None)).decode()) <= 900


async def test_the_overview_of_services_costs_less_than_900_tokens(meta: MetaTools) -> None:
    assert tokens.count((await meta.run("list_services", b"{}", CALLER, fresh())).text) < 900


async def test_a_schema_that_is_not_whole_says_how_to_see_the_rest(meta: MetaTools) -> None:
    described = (
        await meta.run("describe_tools", b'{"names": ["stripe_create_webhook_endpoint"]}', CALLER, fresh())
    ).text
    (hint,) = [line for line in described.splitlines() if line.startswith("x-more:")]
    ask = hint[hint.index("{") :]
    part = (await meta.run("describe_tools", ask.encode(), CALLER, fresh())).text
    name, path, schema = part.split(" ", 2)
    assert (name, path) == ("stripe_create_webhook_endpoint", json.loads(ask)["path"] + ":")
    assert json.loads(schema).keys() & {"type", "anyOf", "oneOf", "properties"}
