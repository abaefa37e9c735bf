"""The playground through the API: what is found and why, what stands around a tool, and calls as oneself."""

import json

import pytest

from tests.admin.house import House

ASK = "post a message in the slack channel general"


async def test_the_tools_are_ranked_as_an_agent_finds_them_and_the_parts_make_up_the_score(site: House) -> None:
    found = await site.get("acme-viewer", f"/playground?ask={ASK.replace(' ', '+')}")
    scored = [tool for tool in found["tools"] if tool["parts"]]
    assert "slack_post_message" in [tool["name"] for tool in scored[:2]]
    for tool in scored:
        assert sum(tool["parts"].values()) == pytest.approx(tool["score"], abs=0.02)
    for tool in found["tools"]:
        assert (f"{tool['name']}(" in found["text"]) is tool["shown"]
    assert 0 < found["tokens"] < 600


async def test_what_a_tool_needs_stands_before_it_and_says_so(site: House) -> None:
    found = await site.get("acme-viewer", "/playground?ask=post+a+message+in+slack")
    names = [tool["name"] for tool in found["tools"]]
    needed = [(n, tool["needed_by"]) for n, tool in enumerate(found["tools"]) if tool["needed_by"]]
    assert needed
    assert all(n < names.index(by) for n, by in needed)


async def test_the_graph_around_a_tool_has_both_sides(site: House) -> None:
    around = await site.get("acme-viewer", "/playground/slack_post_message")
    assert around["needs"]
    back = await site.get("acme-viewer", f"/playground/{around['needs'][0]}")
    assert "slack_post_message" in back["feeds"]
    assert (await site.ask("acme-viewer", "/playground/slack_no_such")).status == 404


async def test_a_change_is_not_made_unless_it_is_confirmed(site: House) -> None:
    answer = await site.change("acme-member", "POST", "/playground/github_create_issue")
    assert (answer.status, json.loads(answer.text)["code"]) == (403, "policy_denied")


async def test_who_may_only_look_changes_nothing_even_confirmed(site: House) -> None:
    answer = await site.change("acme-viewer", "POST", "/playground/github_create_issue", confirmed=True)
    assert (answer.status, json.loads(answer.text)["code"]) == (200, "insufficient_scope")


async def test_a_call_goes_through_the_gateway_and_says_how_it_ended(site: House) -> None:
    """Nothing listens where this sandbox would be."""
    answer = await site.change("acme-member", "POST", "/playground/stripe_list_customers", arguments={"limit": 1})
    told = json.loads(answer.text)
    assert (answer.status, told["code"]) == (200, "upstream_unavailable")
    assert told["tokens"] > 0


@pytest.mark.parametrize("tool", ["find_tools", "github_no_such"])
async def test_only_tools_of_services_are_called(site: House, tool: str) -> None:
    assert (await site.change("acme-member", "POST", f"/playground/{tool}")).status == 404


async def test_a_request_that_says_nothing_is_refused(site: House) -> None:
    for path in ("/playground", "/playground?ask=+", "/playground?ask=a%0Ab"):
        assert (await site.ask("acme-viewer", path)).status == 400
