"""Tasks of agents: what each cost, and what its calls teach."""

import pytest

from tests.gateway.world import World
from tests.support.mcp import Era, connect
from trunkline.economy.spent import Lesson
from trunkline.selection import tokens

ERAS: list[Era] = ["legacy", "modern"]


@pytest.mark.parametrize("era", ERAS)
async def test_a_task_is_counted_by_what_its_tokens_were_for(url: str, world: World, era: Era) -> None:
    async with connect(url, era, "owner-token") as client:
        await client.call("find_tools", {"intents": ["say something"]})
        text = await client.text_of("call_tool", {"name": "echo_send_text", "arguments": {"text": "hello"}})
    await world.gateway.works.write()
    (task,) = world.kept.spent.values()
    assert (task.organization, task.subject, task.turns) == ("local", "owner", 2)
    assert abs(task.answers - tokens.count(text)) <= 3
    assert min(task.menu, task.discovery, task.calls) > 5
    assert (task.schemas, task.everything, task.connected) == (0, 14_000, 200)


async def test_callers_and_toolsets_have_tasks_of_their_own(url: str, world: World) -> None:
    for path, token in (("", "owner-token"), ("", "guest-token"), ("/t/echo", "owner-token")):
        async with connect(url + path, "modern", token) as client:
            await client.call("echo_get_text")
            await client.call("echo_get_text")
    await world.gateway.works.write()
    tasks = world.kept.spent.values()
    assert sorted((task.subject, task.toolset, task.turns) for task in tasks) == [
        ("guest", "", 2),
        ("owner", "", 2),
        ("owner", "echo", 2),
    ]


async def test_what_was_written_is_written_again_only_when_the_task_goes_on(url: str, world: World) -> None:
    async with connect(url, "modern", "owner-token") as client:
        await client.call("echo_get_text")
        await world.gateway.works.write()
        world.kept.spent.clear()
        await world.gateway.works.write()
        assert not world.kept.spent
        await client.call("echo_get_text")
        await world.gateway.works.write()
    assert [task.turns for task in world.kept.spent.values()] == [2]


async def test_calls_teach_only_after_a_search_and_only_what_speaks_of_the_tool(url: str, world: World) -> None:
    async with connect(url, "legacy", "owner-token") as client:
        await client.call("echo_get_text")
        await client.call("find_tools", {"intents": ["say something"]})
        await client.call("echo_send_text")
        await client.call("echo_get_text", {"do": "fail"})
        await client.call("no_such_tool")
    await world.gateway.works.write()
    assert world.kept.lessons == [
        Lesson("local", "echo_send_text", True, "echo_get_text"),
        Lesson("local", "echo_get_text", False, "echo_send_text"),
    ]
