"""The first steps, as the API tells them."""

import json

from tests.admin.house import House


async def test_it_names_the_endpoint_and_a_tool_that_can_be_called_now(site: House) -> None:
    steps = await site.get("acme-viewer", "/start")
    assert steps["url"] == "https://gw.example/mcp"
    assert steps["tool"].startswith("github_")
    assert (steps["sandbox"], steps["keys"]) == (True, 0)


async def test_where_nothing_is_connected_there_is_nothing_to_try(connecting: House) -> None:
    assert (await connecting.get("acme-owner", "/start"))["tool"] == ""
    answer = await connecting.change("acme-owner", "POST", "/start/call")
    assert (answer.status, json.loads(answer.text)["code"]) == (409, "needs_connection")


async def test_a_call_that_fails_says_why(site: House) -> None:
    """Nothing listens where this sandbox would be."""
    answer = await site.change("acme-member", "POST", "/start/call")
    told = json.loads(answer.text)
    assert (answer.status, told["code"]) == (200, "upstream_unavailable")
    assert told["text"]
