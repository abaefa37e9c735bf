"""Toolsets over HTTP, in both protocol eras and both lanes: who sees which, listed or searched."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.gateway.conftest import serving, site
from tests.gateway.world import World, admit
from tests.support.mcp import Era, connect
from trunkline.contract import Admitted, Principal
from trunkline.economy.offered import Offered
from trunkline.gateway.menu import Cost, is_searched

ERAS: list[Era] = ["legacy", "modern"]
META = ["call_read_tool", "call_tool", "find_tools"]
OTHER = Principal("owner", "elsewhere")


class Shelf:
    """One toolset of one organization."""

    offered = Offered(frozenset({"echo_get_text", "up"}))

    async def find(self, organization: str, name: str) -> Offered | None:
        return self.offered if (organization, name) == ("local", "mix") else None


async def admit_two(authorization: bytes, host: bytes, path: str) -> Admitted:
    return Admitted(OTHER) if authorization == b"Bearer other" else await admit(authorization, host, path)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "catalog", curated=Shelf())
    yield world
    await world.gateway.close()


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with serving(world.gateway.front(admit_two, site)) as base:
        yield base + "/mcp/t/"


async def names(url: str, era: Era) -> list[str]:
    async with connect(url, era, "owner-token") as client:
        return [tool["name"] for tool in await client.list_tools()]


@pytest.mark.parametrize("era", ERAS)
async def test_a_small_toolset_is_listed_and_its_tools_are_called_by_name(url: str, world: World, era: Era) -> None:
    listed = await names(url + "mix", era)
    assert {"echo_get_text", "up_ask", "up_unpinned"} <= set(listed)
    assert "find_tools" not in listed
    async with connect(url + "mix", era, "owner-token") as client:
        assert "echo_get_text" in await client.text_of("echo_get_text", {"a": 1})
        refused = await client.call("echo_send_text")
    assert "no tool" in str(refused)


@pytest.mark.parametrize("era", ERAS)
async def test_a_large_toolset_is_searched_unless_the_client_wants_it_listed(url: str, era: Era) -> None:
    assert await names(url + "many", era) == META
    assert len(await names(url + "many?listing=direct", era)) == 450
    assert await names(url + "echo?listing=search", era) == META


async def test_the_meta_tools_of_a_toolset_call_its_tools_alone(url: str, world: World) -> None:
    async with connect(url + "many", "modern", "owner-token") as client:
        assert "many_get_0001" in await client.text_of("call_tool", {"name": "many_get_0001"})
        assert "no tool" in str(await client.call("call_tool", {"name": "echo_send_text"}))
    assert [call.tool for call in world.port.seen] == ["many_get_0001"]


async def test_the_audit_log_says_at_which_toolset_a_call_was_made_or_refused(url: str, world: World) -> None:
    async with connect(url + "mix", "modern", "owner-token") as client:
        await client.call("echo_get_text")
        await client.call("many_get_0001")
    assert world.books.toolsets == ["mix", "mix"]


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("mix", "other", 404),
        ("nowhere", "owner-token", 404),
        ("mix", "wrong", 401),
        ("mix?listing=all", "owner-token", 400),
    ],
)
async def test_who_may_not_come_here_is_told_so(url: str, path: str, token: str, status: int) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "accept": "*/*"}
    async with aiohttp.ClientSession() as http, http.post(url + path, data=b"{}", headers=headers) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("cost", "client", "searched"),
    [
        (Cost(30, 1_400), "", False),
        (Cost(30, 20_000), "", True),
        (Cost(60, 1_400), "cursor-vscode", True),
        (Cost(60, 1_400), "Visual Studio Code", False),
    ],
)
def test_cost_and_client_decide_and_what_was_said_comes_first(cost: Cost, client: str, searched: bool) -> None:
    assert is_searched("auto", cost, client) is searched
    assert is_searched("search", cost, client)
    assert not is_searched("direct", cost, client)
