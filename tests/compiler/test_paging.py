"""How further pages are asked for: found where both sides say it, never guessed from one; the manifest may say more."""

from typing import Any

import pytest

from tests.compiler.describe import Node, document, only, parameter
from trunkline.contract import Paging, PagingStrategy

ITEMS: Node = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}
WHOLE: Node = {"type": "integer"}


def paging(answer: Node, *parameters: Node, method: str = "get", **more: Any) -> Paging | None:
    properties = answer if "type" in answer else {"type": "object", "properties": answer}
    content = {"application/json": {"schema": properties}}
    responses = {"200": {"description": "ok", "content": content}}
    operation = {"operationId": "listThings", "parameters": [*parameters], "responses": responses}
    return only(document({"/things": {method: operation}}), **more).paging


def within(name: str, inner: Node) -> Node:
    return {"type": "object", "properties": {name: inner}}


def test_a_date_called_from_and_an_echo_called_cursor_are_no_positions() -> None:
    assert paging({"things": ITEMS}, parameter("from", schema=WHOLE)) is None
    assert paging({"things": ITEMS, "after": {"type": "string"}}, parameter("before")) is None
    assert paging({"things": ITEMS}, parameter("cursor")) is None
    assert paging({"count": WHOLE}, parameter("page", schema=WHOLE)) is None


def test_what_changes_something_has_no_further_pages() -> None:
    assert paging({"things": ITEMS}, parameter("page", schema=WHOLE), method="delete") is None


@pytest.mark.parametrize(
    ("sent", "answer", "next_"),
    [
        ("after", {"results": ITEMS, "paging": within("next", within("after", {}))}, "/paging/next/after"),
        ("cursor", {"items": ITEMS, "cursor": {"type": "string"}}, "/cursor"),
        ("NextToken", {"Things": ITEMS, "NextToken": {"type": "string"}}, "/NextToken"),
        ("page[after]", {"data": ITEMS, "meta": within("page", within("after", {}))}, "/meta/page/after"),
        ("after", {"nodes": ITEMS, "pageInfo": within("endCursor", {})}, "/pageInfo/endCursor"),
        ("offset", {"records": ITEMS, "offset": {"type": "string"}}, "/offset"),
    ],
)  # fmt: skip
def test_a_cursor_is_found_where_services_put_it(sent: str, answer: Node, next_: str) -> None:
    found = paging(answer, parameter(sent))
    assert found is not None
    assert (found.strategy, found.next) == (PagingStrategy.CURSOR, (next_,))


def test_a_link_to_the_next_page_is_told_from_a_cursor() -> None:
    previous = {"type": "string", "nullable": True}
    found = paging({"next": previous, "previous": previous, "results": ITEMS}, parameter("page", schema=WHOLE))
    assert found == Paging(PagingStrategy.NEXT_LINK, next=("/next",), items="/results")


@pytest.mark.parametrize(
    ("schema", "first"),
    [(WHOLE, 1), ({"type": "integer", "default": 0}, 0), ({"type": "integer", "description": "zero-based"}, 0)],
)
def test_the_number_of_the_first_page_is_the_one_described(schema: Node, first: int) -> None:
    found = paging(ITEMS, parameter("page", schema=schema))
    assert found is not None
    assert found.first == first


def test_the_manifest_says_what_the_description_does_not() -> None:
    usual = {"strategy": "cursor", "send": ["cursor"], "next": ["/response_metadata/next_cursor"], "size": "limit"}
    found = paging({"things": ITEMS}, parameter("cursor"), parameter("limit", schema=WHOLE), paging=usual)
    assert found == Paging(PagingStrategy.CURSOR, ("cursor",), ("/response_metadata/next_cursor",), size="limit")
    assert paging({"things": ITEMS}, parameter("page", schema=WHOLE), paging=usual) == Paging(
        PagingStrategy.PAGE, ("page",), items="/things", first=1
    )
    tools = {"listThings": {"paging": "none"}}
    assert paging({"things": ITEMS}, parameter("page", schema=WHOLE), tools=tools) is None
