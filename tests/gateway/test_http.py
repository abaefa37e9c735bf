"""The endpoint over real HTTP, in both protocol eras."""

import pytest

from tests.gateway.world import World
from tests.support.mcp import Era, connect

ERAS: list[Era] = ["legacy", "modern"]


@pytest.mark.parametrize("era", ERAS)
async def test_the_default_endpoint_lists_meta_tools_and_pinned_tools_by_name(url: str, era: Era) -> None:
    async with connect(url, era, "owner-token") as client:
        names = [tool["name"] for tool in await client.list_tools()]
    assert names == sorted(names)
    assert {"find_tools", "call_tool", "up_ask"} <= set(names)
    assert "up_unpinned" not in names
    assert "echo_get_text" not in names


@pytest.mark.parametrize("era", ERAS)
async def test_a_call_reaches_its_category_and_comes_back(url: str, world: World, era: Era) -> None:
    async with connect(url, era, "owner-token") as client:
        text = await client.text_of("echo_get_text", {"a": 1})
    assert '"arguments": {"a": 1}' in text
    assert world.books.rows == [("intent", "echo_get_text"), ("outcome", "ok")]
