"""A service that pages in every way there is, strictly as its own description says, and counts what it is asked."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from tests.compiler.describe import Node, body, document, parameter

ITEMS: Final = 23
PAGE: Final = 5  # items a page, unless asked otherwise
MOST: Final = 10
HOST: Final = "api.acme.test"
ALL: Final = [
    {"id": f"id-{number}", "name": f"Item {number}", "note": None, "url": f"https://{HOST}/items/{number}"}
    for number in range(1, ITEMS + 1)
]
_ITEM: Final[Node] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "note": {"type": "string"}},
}
_LIST: Final[Node] = {"type": "array", "items": _ITEM}
_TEXT: Final[Node] = {"type": "string"}
_WHOLE: Final[Node] = {"type": "integer"}
_FLAG: Final[Node] = {"type": "boolean"}
_SIZE: Final[Node] = {"type": "integer", "default": PAGE, "maximum": MOST}


def _object(**properties: Node) -> Node:
    return {"type": "object", "properties": properties}


def _get(name: str, answer: Node, *parameters: Node, **more: Any) -> Node:
    good = {"description": "ok", "content": {"application/json": {"schema": answer}}, **more}
    return {"get": {"operationId": name, "parameters": list(parameters), "responses": {"200": good}}}


def description() -> Node:
    size = [parameter(name, schema=_SIZE) for name in ("limit", "per_page", "pageSize", "$top")]
    limit, per_page, page_size, top = size
    page = parameter("page", schema=_WHOLE)
    offset = parameter("offset", schema=_WHOLE)
    search = _object(next_token=_TEXT, max_results=_SIZE)
    tables = {"application/json": {"schema": _object(tables=_LIST, next_token=_TEXT)}}
    searching = {"requestBody": body(search), "responses": {"200": {"description": "ok", "content": tables}}}
    return document(
        {
            "/books": _get("listBooks", _LIST, page, per_page),
            "/shelves": _get("listShelves", _object(results=_LIST, total_pages=_WHOLE), page, per_page),
            "/events": _get("listEvents", _object(events=_LIST, total=_WHOLE), offset, limit),
            "/channels": _get(
                "listChannels",
                _object(ok=_FLAG, channels=_LIST, response_metadata=_object(next_cursor=_TEXT)),
                parameter("cursor"),
                limit,
            ),
            "/files": _get("listFiles", _object(files=_LIST, nextPageToken=_TEXT), parameter("pageToken"), page_size),
            "/charges": _get("listCharges", _object(data=_LIST, has_more=_FLAG), parameter("starting_after"), limit),
            "/repos/{name}/issues": _get(
                "listIssues", _LIST, parameter("name", "path", required=True), page, per_page,
                headers={"Link": {"schema": _TEXT}},
            ),
            "/messages": _get("listMessages", _object(value=_LIST, **{"@odata.nextLink": _TEXT}), top),
            "/orders": _get(
                "listOrders",
                _object(_embedded=_object(orders=_LIST), _links=_object(next=_object(href=_TEXT))),
                parameter("after_order"),
                limit,
            ),
            "/tables/search": {"post": {"operationId": "searchTables", **searching}},
        }
    )  # fmt: skip


TOOLS: Final[Mapping[str, Node]] = {
    "acme_list_books": {},
    "acme_list_shelves": {},
    "acme_list_events": {},
    "acme_list_channels": {},
    "acme_list_files": {},
    "acme_list_charges": {},
    "acme_list_issues": {"name": "octo"},
    "acme_list_messages": {},
    "acme_list_orders": {},
    "acme_search_tables": {},
}
_SIZES: Final = ("limit", "per_page", "pageSize", "$top", "max_results")


class Pager:
    """Answers as described; a parameter that is not described, or a wrong position, is a 400."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.requests.append(str(request.rel_url))
        given = dict(request.rel_url.query)
        if request.method == "POST":
            given |= {name: str(value) for name, value in json.loads(await request.text() or "{}").items()}
        try:
            value, headers = _answer(request.rel_url.path, given)
        except (KeyError, ValueError) as problem:
            return web.json_response({"message": f"bad request: {problem}"}, status=400)
        return web.json_response(value, headers=headers) if not given else web.Response(status=400, text=str(given))


def _answer(path: str, given: dict[str, str]) -> tuple[Any, dict[str, str]]:
    """Takes what it knows out of `given`; what is left there is unknown."""
    kind = path.strip("/").split("/")[-1]
    size = next(
        (int(given.pop(name)) for name in ("limit", "per_page", "pageSize", "$top", "max_results") if name in given),
        PAGE,
    )
    if not 1 <= size <= MOST:
        raise ValueError("size")
    match kind:
        case "books" | "shelves" | "issues":
            number = int(given.pop("page", 1))
            start = (number - 1) * size
        case "events":
            start = int(given.pop("offset", 0))
        case "charges":
            after = given.pop("starting_after", "")
            start = [item["id"] for item in ALL].index(after) + 1 if after else 0
        case _:
            names = ("cursor", "pageToken", "$skiptoken", "after_order", "next_token")
            token = next((given.pop(name) for name in names if name in given), "at-0")
            start = int(token.removeprefix("at-")) if token.startswith("at-") else _refuse(token)
    items = ALL[start : start + size]
    position = f"at-{start + size}" if start + size < ITEMS else ""
    return _written(kind, items, position, start + size, size)


def _written(kind: str, items: list[Node], position: str, end: int, size: int) -> tuple[Any, dict[str, str]]:
    base = f"https://{HOST}"
    match kind:
        case "books":
            return items, {}
        case "issues":
            link = f'<{base}/repositories/7/issues?per_page={size}&page={end // size + 1}>; rel="next"'
            return items, {"Link": f'<{base}/x?page=1>; rel="first", {link}'} if position else {}
        case "shelves":
            return {"results": items, "total_pages": -(-ITEMS // size)}, {}
        case "events":
            return {"events": items, "total": ITEMS}, {}
        case "channels":
            return {"ok": True, "channels": items, "response_metadata": {"next_cursor": position}}, {}
        case "files":
            return {"files": items} | ({"nextPageToken": position} if position else {}), {}
        case "charges":
            return {"data": items, "has_more": bool(position)}, {}
        case "messages":
            link = {"@odata.nextLink": f"{base}/messages?$top={size}&$skiptoken={position}"} if position else {}
            return {"@odata.context": f"{base}/$metadata#messages", "value": items} | link, {}
        case "orders":
            link = {"next": {"href": f"/orders?after_order={position}&limit={size}"}} if position else {}
            return {"_embedded": {"orders": items}, "_links": {"self": {"href": "/orders"}} | link}, {}
        case _:
            return {"tables": items, "next_token": position or None}, {}


def _refuse(token: str) -> int:
    raise ValueError(f"{token} is no position of ours")
