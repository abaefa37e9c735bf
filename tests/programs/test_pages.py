"""Lists of several pages: a real service, its compiled description, the whole gateway, and the official client."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from tests.compiler.describe import compiled
from tests.programs.pager import ALL, ITEMS, MOST, PAGE, TOOLS, Pager, description
from tests.programs.whole import ERAS, Era, client_of
from trunkline.contract import PagingStrategy

IDS: Final = [item["id"] for item in ALL]
_CURSOR: Final = re.compile(r'"_?cursor": "([^"]+)"')


class Caller:
    """Calls through the official client, and knows what the service was asked."""

    def __init__(self, client: Client, pager: Pager) -> None:
        self._client = client
        self._pager = pager

    async def ask(self, tool: str, **view: Any) -> tuple[list[str], str]:
        """The ids of the answer's items, and its cursor."""
        given = {"name": tool, "arguments": dict(TOOLS[tool]), **view}
        result = await self._client.call_tool("call_read_tool", given)
        assert not result.is_error, result
        return ids_of(json.loads(texts_of(result)[0])), cursor_of(result)

    def requests(self) -> int:
        """How many there were since this was asked last."""
        number = len(self._pager.requests)
        self._pager.requests.clear()
        return number

    async def raw(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        return await self._client.call_tool(name, arguments)


def texts_of(result: CallToolResult) -> list[str]:
    return [each.text for each in result.content if isinstance(each, TextContent)]


def cursor_of(result: CallToolResult) -> str:
    found = _CURSOR.search(" ".join(texts_of(result)[1:]))
    return found[1] if found else ""


def ids_of(value: Any) -> list[str]:
    """The ids of the only list there is."""
    lists: list[Any] = [value] if isinstance(value, list) else [it for it in value.values() if isinstance(it, list)]
    assert len(lists) == 1, value
    return [item["id"] for item in lists[0]]


@asynccontextmanager
async def calling(folder: Path, era: Era) -> AsyncGenerator[Caller]:
    pager = Pager()
    async with client_of(folder, era, description(), pager, tools={"searchTables": {"effect": "read"}}) as client:
        yield Caller(client, pager)


@ERAS
async def test_every_item_comes_once_and_in_order_however_a_service_pages(tmp_path: Path, era: Era) -> None:
    async with calling(tmp_path, era) as caller:
        for tool in TOOLS:
            seen, cursor = await caller.ask(tool)
            assert seen == IDS[:PAGE], tool
            while cursor:
                items, cursor = await caller.ask(tool, cursor=cursor)
                seen += items
            assert seen == IDS, tool
            assert caller.requests() == -(-ITEMS // PAGE), tool


@ERAS
async def test_a_limit_is_collected_over_as_few_pages_as_that_takes_and_can_be_gone_on_from(
    tmp_path: Path, era: Era
) -> None:
    async with calling(tmp_path, era) as caller:
        for tool in TOOLS:
            first, cursor = await caller.ask(tool, limit=12)
            assert first == IDS[:12], tool
            assert caller.requests() == -(-12 // MOST), tool
            rest, cursor = await caller.ask(tool, cursor=cursor, limit=100)
            assert caller.requests() == 2, tool  # the second page once more, and the third
            assert first + rest == IDS, tool
            assert not cursor, tool


@ERAS
async def test_what_the_budget_cuts_off_comes_next(tmp_path: Path, era: Era) -> None:
    async with calling(tmp_path, era) as caller:
        for tool in TOOLS:
            seen: list[str] = []
            items, cursor = await caller.ask(tool, limit=ITEMS, max_tokens=100)
            while items:
                seen += items
                items, cursor = (
                    await caller.ask(tool, limit=ITEMS, max_tokens=100, cursor=cursor) if cursor else ([], "")
                )
            assert seen == IDS, tool
            caller.requests()
            assert await caller.ask(tool, limit=ITEMS) == (IDS, ""), tool


@ERAS
async def test_a_tool_that_is_called_directly_goes_on_too(tmp_path: Path, era: Era) -> None:
    async with calling(tmp_path, era) as caller:
        result = await caller.raw("acme_list_channels", {"limit": 4})
        seen = ids_of(json.loads(texts_of(result)[0]))
        while cursor := cursor_of(result):
            assert f'"_cursor": "{cursor}"' in texts_of(result)[1]
            result = await caller.raw("acme_list_channels", {"limit": 4, "_cursor": cursor})
            seen += ids_of(json.loads(texts_of(result)[0]))
        assert seen == IDS


@pytest.mark.parametrize("slip", ["among", "flat"])
@ERAS
async def test_a_cursor_in_the_wrong_place_is_understood(tmp_path: Path, era: Era, slip: str) -> None:
    async with calling(tmp_path, era) as caller:
        _, cursor = await caller.ask("acme_list_channels")
        among = {"name": "acme_list_channels", "arguments": {"cursor": cursor}}
        flat = {"name": "acme_list_channels", "cursor": cursor}
        result = await caller.raw("call_read_tool", among if slip == "among" else flat)
        assert ids_of(json.loads(texts_of(result)[0])) == IDS[PAGE : 2 * PAGE]


@ERAS
async def test_a_cursor_of_another_call_or_made_up_is_refused_and_nothing_is_sent(tmp_path: Path, era: Era) -> None:
    async with calling(tmp_path, era) as caller:
        _, cursor = await caller.ask("acme_list_channels")
        caller.requests()
        slips: tuple[dict[str, Any], ...] = (
            {"name": "acme_list_files", "arguments": {}, "cursor": cursor},
            {"name": "acme_list_channels", "arguments": {"limit": 3}, "cursor": cursor},
            {"name": "acme_list_channels", "arguments": {}, "cursor": "tl~nonsense"},
        )
        for given in slips:
            result = await caller.raw("call_read_tool", given)
            assert result.is_error
            assert "invalid_arguments" in texts_of(result)[0]
        assert caller.requests() == 0


@ERAS
async def test_fields_choose_what_is_shown_and_a_star_shows_all(tmp_path: Path, era: Era) -> None:
    async with calling(tmp_path, era) as caller:

        async def shown(**view: Any) -> tuple[Any, str]:
            result = await caller.raw(
                "call_read_tool", {"name": "acme_list_books", "arguments": {"per_page": 1}, **view}
            )
            texts = texts_of(result)
            return json.loads(texts[0])[0], " ".join(texts[1:])

        usual, note = await shown()
        assert usual == {"id": "id-1", "name": "Item 1"}
        assert "left out: url" in note
        assert '["*"]' in note
        assert (await shown(fields=["name"]))[0] == {"name": "Item 1"}
        assert (await shown(fields=["*"]))[0] == ALL[0]


def test_each_way_of_paging_is_found_in_the_description() -> None:
    made = compiled(description(), tools={"searchTables": {"effect": "read"}})
    found = {spec.name: spec.paging.strategy for spec in made.specs if spec.paging is not None}
    assert found == {
        "acme_list_books": PagingStrategy.PAGE,
        "acme_list_shelves": PagingStrategy.PAGE,
        "acme_list_events": PagingStrategy.OFFSET,
        "acme_list_channels": PagingStrategy.CURSOR,
        "acme_list_files": PagingStrategy.CURSOR,
        "acme_list_charges": PagingStrategy.LAST_ITEM,
        "acme_list_issues": PagingStrategy.LINK_HEADER,
        "acme_list_messages": PagingStrategy.NEXT_LINK,
        "acme_list_orders": PagingStrategy.NEXT_LINK,
        "acme_search_tables": PagingStrategy.CURSOR,
    }
