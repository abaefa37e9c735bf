"""One upstream MCP server in front of a federation, for clients and servers of every era."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from tests.gateway.federation.support import Client, Rig, allowed, legacy, modern
from tests.support.wait import until_async
from trunkline.contract import Effect
from trunkline.gateway.events import CallContext, LaneEvent, Notification, each

Events = AsyncGenerator[LaneEvent, None]
CLIENTS = pytest.mark.parametrize("context", [modern(), legacy()], ids=["modern client", "legacy client"])


def own_era(rig: Rig, context: CallContext) -> bool:
    return rig.era in ("both", "modern" if context.modern else "legacy")


async def test_tools_are_listed_with_their_schemas_untouched(rig: Rig) -> None:
    tools = {tool.name: json.loads(tool.definition) for tool in rig.federation.tools()}
    assert list(tools) == sorted(tools)
    schema = tools["json_schema_2020_12_tool"]["inputSchema"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["address"]["$anchor"] == "addressDef"
    assert {"allOf", "if", "then", "else"} <= schema.keys()


@CLIENTS
async def test_a_call_is_answered_in_the_clients_era(rig: Rig, context: CallContext) -> None:
    called = await rig.call(context, "test_simple_text")
    assert called.text == "This is a simple text response for testing."
    assert (called.result.get("resultType") == "complete") is context.modern


@CLIENTS
async def test_a_tool_error_is_a_result(rig: Rig, context: CallContext) -> None:
    called = await rig.call(context, "test_error_handling")
    assert called.result["isError"] is True


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_progress_is_relayed_with_the_clients_token(rig: Rig, era: str) -> None:
    context = modern(progressToken=7) if era == "modern" else legacy(progressToken=7)
    called = await rig.call(context, "test_tool_with_progress")
    notes = [json.loads(event.params) for event in called.events if isinstance(event, Notification)]
    assert [(note["progressToken"], note["progress"]) for note in notes] == [(7, 0), (7, 50), (7, 100)]


async def test_log_messages_of_a_call_are_relayed(both: Rig) -> None:
    called = await both.call(legacy(), "test_tool_with_logging")
    assert called.methods == ["notifications/message"] * 3


async def test_a_legacy_client_can_be_asked_in_mid_call(both: Rig) -> None:
    called = await both.call(legacy(), "test_sampling", {"prompt": "Capital of France?"})
    assert called.methods == ["sampling/createMessage"]
    assert called.text == "LLM response: Paris"


async def test_a_server_that_asks_across_eras_gets_a_clear_no(rig: Rig) -> None:
    for context in (modern(), legacy()):
        if not own_era(rig, context):
            tool = "test_input_required_result_elicitation" if rig.era == "modern" else "test_sampling"
            called = await rig.call(context, tool, {"prompt": "x"})
            if rig.era == "modern":
                assert "2026-07-28" in called.error["message"]
            else:
                assert called.result["isError"] is True


async def test_a_modern_server_asks_by_its_result_and_is_answered_by_a_retry(both: Rig) -> None:
    context = modern({"elicitation": {}})
    asked = await both.call(context, "test_input_required_result_request_state")
    assert asked.result["resultType"] == "input_required"
    state = json.dumps(asked.result["requestState"]).encode()
    responses = json.dumps({"confirm": {"action": "accept", "content": {"ok": True}}}).encode()
    again = CallContext(meta=context.meta, input_responses=responses, request_state=state)
    assert (await both.call(again, "test_input_required_result_request_state")).text == "state-ok"


async def test_the_clients_capabilities_reach_a_modern_server(both: Rig) -> None:
    refused = await both.call(modern(), "test_missing_capability")
    assert refused.error["code"] == -32021
    assert (await both.call(modern({"sampling": {}}), "test_missing_capability")).text == "The client offers sampling"


async def test_a_declared_argument_goes_into_its_header_for_every_client(both: Rig) -> None:
    for context in (modern(), legacy()):
        called = await both.call(context, "test_x_mcp_header", {"region": "Grüße"})
        assert called.text == "region=Grüße"


@CLIENTS
async def test_prompts_resources_and_completion_are_relayed(rig: Rig, context: CallContext) -> None:
    prompts = (await rig.ask(context, "prompts/list")).result
    assert "test_simple_prompt" in [prompt["name"] for prompt in prompts["prompts"]]
    assert ("ttlMs" in prompts) is context.modern
    prompt = (await rig.ask(context, "prompts/get", {"name": "test_simple_prompt"})).result
    assert prompt["messages"][0]["content"]["text"] == "This is a simple prompt for testing."
    read = (await rig.ask(context, "resources/read", {"uri": "test://static-text"})).result
    assert read["contents"][0]["text"] == "This is the content of the static text resource."
    ref = {"type": "ref/prompt", "name": "test_prompt_with_arguments"}
    asked = {"ref": ref, "argument": {"name": "arg1", "value": "par"}}
    completion = (await rig.ask(context, "completion/complete", asked)).result["completion"]
    assert completion["values"] == ["paris", "park", "party"]


@CLIENTS
async def test_errors_of_the_protocol_stay_errors(rig: Rig, context: CallContext) -> None:
    missing = await rig.ask(context, "resources/read", {"uri": "test://no-such-thing"})
    assert missing.error["code"] == -32602
    assert missing.error["data"] == {"uri": "test://no-such-thing"}
    assert (await rig.ask(context, "prompts/get", {"name": 7})).error["code"] == -32602
    assert (await rig.ask(context, "prompts/list", {"cursor": "x"})).error["code"] == -32602


async def test_a_legacy_subscription_is_heard_by_its_session_alone(rig: Rig) -> None:
    client, other = Client("one"), Client("two")
    rig.federation.attach(client)
    rig.federation.attach(other)
    await rig.ask(legacy(client), "resources/subscribe", {"uri": "test://watched-resource"})
    touch = legacy(client) if rig.era != "modern" else modern()

    async def heard() -> bool:
        await rig.call(touch, "test_touch_resource")
        return any(note.method == "notifications/resources/updated" for note in client.heard)

    await until_async(heard, 5, "the update")
    assert not [note for note in other.heard if note.method == "notifications/resources/updated"]
    rig.federation.detach(client)
    rig.federation.detach(other)


async def test_a_listen_stream_acknowledges_first_and_carries_its_id(both: Rig) -> None:
    wanted = b'{"toolsListChanged":true,"resourceSubscriptions":["test://watched-resource"]}'
    stream = both.federation.listen(wanted, b'"sub-9"')
    first = await anext(stream)
    assert isinstance(first, Notification)
    assert first.method == "notifications/subscriptions/acknowledged"
    await both.call(modern(), "test_trigger_prompt_change")
    await both.call(modern(), "test_touch_resource")
    await both.call(modern(), "test_trigger_tool_change")
    seen: list[Notification] = []
    async with asyncio.timeout(20):
        while len(seen) < 2:
            event = await anext(stream)
            assert isinstance(event, Notification)
            seen.append(event)
    assert [note.method.removeprefix("notifications/") for note in seen] == ["resources/updated", "tools/list_changed"]
    ids = {json.loads(note.params)["_meta"]["io.modelcontextprotocol/subscriptionId"] for note in (first, *seen)}
    assert ids == {"sub-9"}


async def test_a_call_that_is_given_up_is_given_up_upstream(both: Rig) -> None:
    for context in (modern(progressToken=1), legacy(progressToken=1)):
        events = each(await both.federation.call(allowed("test_tool_with_progress"), context))
        assert isinstance(await anext(events), Notification)
        await events.aclose()
        assert (await both.call(context, "test_simple_text")).text.startswith("This is")


async def test_effects_come_from_the_annotations(both: Rig) -> None:
    tool = both.federation.find("test_simple_text")
    assert tool is not None
    assert tool.spec.effect is Effect.READ
    assert tool.spec.idempotent


async def test_a_prefix_goes_before_tools_and_prompts_and_nothing_else(servers: dict[str, str]) -> None:
    async with Rig.of(servers["both"], prefix="up_") as rig:
        assert rig.federation.find("test_simple_text") is None
        assert (await rig.call(modern(), "up_test_simple_text")).text.startswith("This is")
        prompts = (await rig.ask(modern(), "prompts/list")).result["prompts"]
        assert "up_test_simple_prompt" in [prompt["name"] for prompt in prompts]
        got = await rig.ask(modern(), "prompts/get", {"name": "up_test_simple_prompt"})
        assert got.result["messages"]
        resources = (await rig.ask(modern(), "resources/list")).result["resources"]
        assert "test://static-text" in [resource["uri"] for resource in resources]


async def test_an_unknown_tool_is_not_found(both: Rig) -> None:
    assert (await both.call(modern(), "no_such_tool")).code == "not_found"
