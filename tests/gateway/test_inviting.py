"""A call that lacks a connection leads its user to the connect page, and then goes on. No form asks for a secret."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.world import OWNER, World
from trunkline.contract import Done, Failed, Principal, Service, ToolCall
from trunkline.gateway.events import (
    ENDS,
    CallContext,
    ClientReply,
    ClientRequest,
    LaneEvent,
    Notification,
    Reply,
    each,
)
from trunkline.gateway.toolset import Caller, Toolset

CALL = ToolCall("locked_get_secret", b"{}")
META = "io.modelcontextprotocol/clientCapabilities"
URL_MODE: dict[str, Any] = {"elicitation": {"form": {}, "url": {}}}
FORM_MODES: tuple[dict[str, Any], ...] = ({}, {"elicitation": {}}, {"elicitation": {"form": {}}}, {"elicitation": None})


def link(principal: Principal, service: Service) -> str:
    return f"https://gw.example/connect/{service.id}?for={principal.subject}"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "catalog", connected=False, links=link)
    yield world
    await world.gateway.close()


class OldClient:
    """A legacy session, as the pipeline sees it."""

    def __init__(self, capabilities: Any, protocol: str = "2025-11-25") -> None:
        self.id = "1"
        self.protocol = protocol
        self.initialize = json.dumps({"protocolVersion": protocol, "capabilities": capabilities}).encode()

    def notify(self, notification: Notification) -> None:
        raise AssertionError("nothing belongs to no call")

    async def request(self, method: str, params: bytes) -> ClientReply:
        raise AssertionError("nothing belongs to no call")


def modern(capabilities: Any, responses: Any = None) -> CallContext:
    sent = b"" if responses is None else json.dumps(responses).encode()
    return CallContext(meta=json.dumps({META: capabilities}).encode(), input_responses=sent)


def legacy(capabilities: Any, protocol: str = "2025-11-25") -> CallContext:
    return CallContext(protocol, OldClient(capabilities, protocol))


async def called(world: World, context: CallContext, call: ToolCall = CALL) -> Reply:
    return await world.gateway.line.pipeline.call(Caller(OWNER, Toolset()), call, context)


async def conversation(reply: Reply, answer: Callable[[ClientRequest], None]) -> list[LaneEvent]:
    """All events; `answer` is what the client does when it is asked."""
    seen: list[LaneEvent] = []
    async for event in each(reply):
        seen.append(event)
        if isinstance(event, ClientRequest):
            answer(event)
    return seen


def replied(action: str) -> Callable[[ClientRequest], None]:
    return lambda request: request.reply.set_result(ClientReply(json.dumps({"action": action}).encode()))


def input_of(reply: Reply) -> Any:
    assert isinstance(reply, Done)
    return json.loads(reply.result.mcp)


@pytest.mark.parametrize("context", [*map(modern, FORM_MODES), *map(legacy, FORM_MODES), CallContext("2025-11-25")])
async def test_a_client_that_opens_no_urls_gets_the_link_as_text(world: World, context: CallContext) -> None:
    reply = await called(world, context)
    assert isinstance(reply, Failed)
    assert reply.fact.code == "needs_connection"
    assert link(OWNER, world.catalog.services["locked"]) in reply.fact.hint
    assert world.books.rows == [("refused", "needs_connection")]


async def test_versions_before_url_mode_get_the_link_as_text(world: World) -> None:
    assert isinstance(await called(world, legacy(URL_MODE, "2025-06-18")), Failed)


async def test_without_a_page_the_command_is_told(tmp_path: Path) -> None:
    world = World(tmp_path / "catalog", connected=False)
    reply = await called(world, modern(URL_MODE))
    assert isinstance(reply, Failed)
    assert "trunkline connect locked" in reply.fact.hint
    await world.gateway.close()


async def test_a_modern_client_is_asked_to_open_the_page_and_calls_again(world: World) -> None:
    asked = input_of(await called(world, modern(URL_MODE)))
    assert asked["resultType"] == "input_required"
    question = asked["inputRequests"]["connect"]
    assert question["method"] == "elicitation/create"
    assert question["params"]["mode"] == "url"
    assert question["params"]["url"] == link(OWNER, world.catalog.services["locked"])
    assert "elicitationId" not in question["params"]  # gone in this era
    world.connections.connected_by_now = True
    assert isinstance(await last(await called(world, modern(URL_MODE, {"connect": {"action": "accept"}}))), Done)
    assert world.books.rows == [("refused", "needs_connection"), ("intent", CALL.name), ("outcome", "ok")]


async def last(reply: Reply) -> LaneEvent:
    return reply if isinstance(reply, ENDS) else (await conversation(reply, replied("cancel")))[-1]


@pytest.mark.parametrize("action", ["decline", "cancel", "", "nonsense"])
async def test_a_modern_user_who_declines_is_not_asked_again(world: World, action: str) -> None:
    reply = await called(world, modern(URL_MODE, {"connect": {"action": action}}))
    assert isinstance(reply, Failed)
    assert reply.fact.code == "needs_connection"


async def test_a_modern_call_waits_for_its_user(world: World) -> None:
    call = asyncio.create_task(called(world, modern(URL_MODE, {"connect": {"action": "accept"}})))
    await asyncio.sleep(0)
    world.connections.connected_by_now = True
    assert isinstance(await last(await asyncio.wait_for(call, 10)), Done)


async def test_a_legacy_client_is_asked_within_the_call_which_goes_on(world: World) -> None:
    def connects(request: ClientRequest) -> None:
        world.connections.connected_by_now = True
        replied("accept")(request)

    question, told, end = await conversation(await called(world, legacy(URL_MODE)), connects)
    assert isinstance(question, ClientRequest)
    assert question.method == "elicitation/create"
    params = json.loads(question.params)
    assert (params["mode"], params["url"]) == ("url", link(OWNER, world.catalog.services["locked"]))
    assert isinstance(told, Notification)
    assert told.method == "notifications/elicitation/complete"
    assert json.loads(told.params) == {"elicitationId": params["elicitationId"]}
    assert isinstance(end, Done)
    assert world.books.rows == [("intent", CALL.name), ("outcome", "ok")]


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_legacy_user_who_declines_gets_the_link(world: World, action: str) -> None:
    *_, end = await conversation(await called(world, legacy(URL_MODE)), replied(action))
    assert isinstance(end, Failed)
    assert "https://gw.example/connect/locked" in end.fact.hint
    assert world.books.rows == [("refused", "needs_connection")]


async def test_a_client_that_cannot_be_reached_gets_the_link(world: World) -> None:
    def gone(request: ClientRequest) -> None:
        request.reply.set_result(ClientReply(error=b'{"code":-32601,"message":"no"}'))

    *_, end = await conversation(await called(world, legacy(URL_MODE)), gone)
    assert isinstance(end, Failed)


async def test_a_call_inside_call_tool_is_led_there_too(world: World) -> None:
    inner = ToolCall("call_tool", b'{"name":"locked_get_secret","arguments":{}}')
    assert input_of(await called(world, modern(URL_MODE), inner))["resultType"] == "input_required"


async def test_no_form_ever_asks_for_a_secret(world: World) -> None:  # D19
    seen = [input_of(await called(world, modern(URL_MODE)))["inputRequests"]["connect"]["params"]]
    question, *_ = await conversation(await called(world, legacy(URL_MODE)), replied("cancel"))
    assert isinstance(question, ClientRequest)
    seen.append(json.loads(question.params))
    for params in seen:
        assert params["mode"] == "url"
        assert "requestedSchema" not in params
