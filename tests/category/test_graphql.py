"""GraphQL operations, from arguments to answer, against a server on loopback."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from tests.category import house
from trunkline.catalog import Catalog, write_catalog
from trunkline.category.dial import SandboxDialer
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener
from trunkline.contract import GraphQlPlan

PLAN = GraphQlPlan(
    "/graphql", "query book($id: ID!){book(id: $id){", "id title", "}}", "book", arguments=("id",), choice=True
)
FIELDS = {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+(\\.[a-z]+)*$"}}
SCHEMA = {"properties": {"id": {"type": "string"}, "fields": FIELDS}, "required": ["id"]}
BOOK = msgspec.structs.replace(house.tool("acme_get_book", house.PLAN, SCHEMA), plan=PLAN)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def category(folder: Path, answer: dict[str, Any], seen: list[dict[str, Any]]) -> AsyncGenerator[CategoryServer]:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append({"path": request.path, "auth": request.headers["Authorization"], **await request.json()})
        return web.json_response(answer)

    write_catalog(folder, [(msgspec.structs.replace(house.ACME, base_url="https://api.acme.example"), [BOOK])])
    async with house.service(handler) as port:
        upstream = Upstream(SandboxDialer("127.0.0.1", port))
        server = CategoryServer("code", Catalog.open(folder), Opener(house.KEY), upstream)
        try:
            yield server
        finally:
            await server.close()


async def test_arguments_are_variables_and_the_answer_is_the_field(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    async with category(tmp_path, {"data": {"book": {"id": "7", "title": "One"}}}, seen) as server:
        text = await house.text_of(server, house.call(BOOK.name, {"id": '7"}){x'}))
    assert json.loads(text) == {"id": "7", "title": "One"}
    assert seen[0]["query"] == "query book($id: ID!){book(id: $id){id title}}"
    assert seen[0]["variables"] == {"id": '7"}){x'}
    assert (seen[0]["path"], seen[0]["auth"]) == ("/graphql", f"Bearer {house.TOKEN}")


async def test_other_fields_are_asked_for_and_cannot_leave_the_selection(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    async with category(tmp_path, {"data": {"book": {"title": "One"}}}, seen) as server:
        await house.text_of(server, house.call(BOOK.name, {"id": "7", "fields": ["title", "shelf.name"]}))
        fault = await house.fault_of(server, house.call(BOOK.name, {"id": "7", "fields": ["title}} mutation{x"]}))
    assert seen[0]["query"] == "query book($id: ID!){book(id: $id){title shelf{name}}}"
    assert fault.fact.code == "invalid_arguments"
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "no such book"}, "upstream_failed"),
        ({"message": "who are you", "extensions": {"code": "AUTHENTICATION_ERROR"}}, "credential_rejected"),
        ({"message": "slower", "extensions": {"code": "RATELIMITED"}}, "upstream_unavailable"),
        ({"message": "bad", "extensions": {"userPresentableMessage": "no such book"}}, "upstream_failed"),
    ],
)
async def test_errors_in_a_good_answer_are_faults(tmp_path: Path, error: dict[str, Any], code: str) -> None:
    async with category(tmp_path, {"data": None, "errors": [error]}, []) as server:
        fact = (await house.fault_of(server, house.call(BOOK.name, {"id": "7"}))).fact
    assert fact.code == code
    assert str(error["message"]) in fact.message


async def test_what_came_beside_an_error_is_shown(tmp_path: Path) -> None:
    answer = {"data": {"book": {"id": "7"}}, "errors": [{"message": "no title"}]}
    async with category(tmp_path, answer, []) as server:
        assert json.loads(await house.text_of(server, house.call(BOOK.name, {"id": "7"}))) == {"id": "7"}
