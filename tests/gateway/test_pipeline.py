"""One call from end to end: its rows in the audit log, its faults, its time limit."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.world import OWNER, World
from trunkline.contract import AuditUnavailable, Done, Failed, NotFound, Progress, ToolCall
from trunkline.gateway.events import CallContext, LaneEvent, ProtocolError, each
from trunkline.gateway.settings import GatewaySettings
from trunkline.gateway.toolset import Caller, Toolset

EVERYTHING = Caller(OWNER, Toolset())


async def events(world: World, name: str, arguments: Any = None, caller: Caller = EVERYTHING) -> list[LaneEvent]:
    call = ToolCall(name, json.dumps(arguments or {}).encode())
    return [event async for event in each(await world.gateway.line.pipeline.call(caller, call, CallContext()))]


async def end(world: World, name: str, arguments: Any = None, caller: Caller = EVERYTHING) -> Any:
    return (await events(world, name, arguments, caller))[-1]


async def test_a_call_leaves_an_intent_and_an_outcome(world: World) -> None:
    assert isinstance(await end(world, "echo_send_text"), Done)
    assert world.books.rows == [("intent", "echo_send_text"), ("outcome", "ok")]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"do": "fail"}, "upstream_failed"),
        ({"do": "error"}, "tool_error"),
        ({"do": "bug"}, "internal"),
        ({"do": "nothing"}, "upstream_failed"),
    ],
)
async def test_however_a_call_ends_there_is_one_outcome(world: World, how: Any, code: str) -> None:
    await end(world, "echo_get_text", how)
    assert world.books.rows == [("intent", "echo_get_text"), ("outcome", code)]


async def test_a_refusal_of_an_upstream_server_is_an_outcome_too(world: World) -> None:
    refusal = await end(world, "up_refuse")
    assert isinstance(refusal, ProtocolError)
    assert world.books.rows == [("intent", "up_refuse"), ("outcome", "protocol_error")]


async def test_what_is_refused_before_anything_is_sent_is_recorded_as_refused(world: World) -> None:
    failed = await end(world, "echo_get_nothing")
    assert failed.fact.code == "not_found"
    assert world.books.rows == [("refused", "not_found")]
    assert not world.port.seen


async def test_a_refusal_is_recorded_under_the_tool_that_was_meant(world: World) -> None:
    await end(world, "call_read_tool", {"name": "echo_send_text", "arguments": {}})
    await end(world, "x" * 100_000)
    assert world.books.refused_tools == ["echo_send_text", "x" * 64]


async def test_without_an_audit_log_no_call_is_made(world: World) -> None:
    world.books.broken = AuditUnavailable("The disk is full.")
    assert (await end(world, "echo_send_text")).fact.code == "audit_unavailable"
    assert not world.port.seen


async def test_what_nobody_expected_is_internal_and_says_nothing_of_its_insides(world: World) -> None:
    fact = (await end(world, "echo_get_text", {"do": "bug"})).fact
    assert fact.code == "internal"
    assert "ZeroDivisionError" not in fact.message + fact.hint


async def test_progress_comes_before_the_end(world: World) -> None:
    found = await events(world, "echo_get_text", {"do": "progress"})
    assert [type(event) for event in found] == [Progress, Progress, Done]


async def test_a_call_out_of_time_ends_as_a_timeout_and_is_given_up(tmp_path: Path) -> None:
    world = World(tmp_path, GatewaySettings(call_seconds=0.1))
    failed = await asyncio.wait_for(end(world, "echo_get_text", {"do": "hang"}), 5)
    assert failed.fact.code == "upstream_timeout"
    assert failed.fact.retryable
    assert world.port.given_up
    assert world.books.rows[-1] == ("outcome", "upstream_timeout")


async def test_a_cancelled_call_is_given_up_and_its_outcome_written(world: World) -> None:
    call = asyncio.create_task(events(world, "echo_get_text", {"do": "hang"}))
    await asyncio.wait_for(world.port.hanging.wait(), 5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert world.port.given_up
    assert world.books.rows[-1] == ("outcome", "cancelled")


async def test_a_call_closed_early_is_given_up_at_once(world: World) -> None:
    call = ToolCall("echo_get_text", b'{"do":"progress"}')
    stream = each(await world.gateway.line.pipeline.call(EVERYTHING, call, CallContext()))
    assert isinstance(await anext(stream), Progress)
    await stream.aclose()
    assert world.books.rows[-1] == ("outcome", "cancelled")


async def test_no_two_calls_share_an_id(world: World) -> None:
    for _ in range(50):
        await end(world, "echo_get_text")
    assert len({call.id for call in world.port.seen}) == 50


async def test_a_connection_is_sealed_for_the_category_server(world: World) -> None:
    done = await end(world, "locked_get_secret")
    assert json.loads(done.result.text)["credential"] is True
    assert world.port.seen[0].connection is not None


async def test_a_rejected_credential_without_a_newer_one_is_the_answer(world: World) -> None:
    world.port.rejecting = 1
    assert (await end(world, "locked_get_secret")).fact.code == "credential_rejected"
    assert len(world.port.seen) == 1


async def test_a_rejected_credential_is_refreshed_once_and_the_call_made_again(tmp_path: Path) -> None:
    world = World(tmp_path, refreshing=True)
    world.port.rejecting = 1
    assert isinstance(await end(world, "locked_get_secret"), Done)
    first, second = world.port.seen
    assert first.id == second.id
    assert (first.connection.version, second.connection.version) == (1, 2)  # type: ignore[union-attr]
    assert world.books.rows == [("intent", "locked_get_secret"), ("outcome", "ok")]


async def test_a_credential_rejected_twice_is_not_tried_a_third_time(tmp_path: Path) -> None:
    world = World(tmp_path, refreshing=True)
    world.port.rejecting = 5
    failed = await end(world, "locked_get_secret")
    assert isinstance(failed, Failed)
    assert failed.fact.code == "credential_rejected"
    assert len(world.port.seen) == 2


async def test_call_read_tool_makes_no_call_that_may_change_something(world: World) -> None:
    inner: dict[str, Any] = {"name": "echo_send_text", "arguments": {}}
    assert (await end(world, "call_read_tool", inner)).fact.code == "policy_denied"
    assert isinstance(await end(world, "call_tool", inner), Done)
    assert [call.tool for call in world.port.seen] == ["echo_send_text"]


async def test_a_read_only_gateway_refuses_what_may_change_something(tmp_path: Path) -> None:
    world = World(tmp_path, GatewaySettings(read_only=True, denied=("many",)))
    assert (await end(world, "echo_remove_text")).fact.code == "policy_denied"
    assert (await end(world, "many_get_0001")).fact.code == "policy_denied"
    assert isinstance(await end(world, "echo_get_text"), Done)


async def test_a_toolset_has_its_own_tools_and_no_others(world: World) -> None:
    echo = Caller(OWNER, await world.gateway.toolsets.find("local", "echo"))
    assert isinstance(await end(world, "echo_get_text", caller=echo), Done)
    inner = {"name": "many_get_0001"}
    for name, arguments in (("many_get_0001", {}), ("call_tool", inner), ("up_pass", {})):
        assert (await end(world, name, arguments, caller=echo)).fact.code == "not_found"


async def test_an_unknown_toolset_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no toolset"):
        await world.gateway.toolsets.find("local", "nowhere")


async def test_an_upstream_server_cannot_take_the_name_of_a_compiled_tool(world: World) -> None:
    answered = await end(world, "echo_get_text")
    assert json.loads(answered.result.text)["tool"] == "echo_get_text"
    assert (await end(world, "echo_shout")).result.mcp
    listed = [json.loads(text)["name"] for text in await world.gateway.toolsets.definitions(Toolset(), searched=True)]
    assert "echo_shout" in listed
    assert "echo_get_text" not in listed
