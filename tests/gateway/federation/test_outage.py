"""An upstream server that goes away and comes back."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gateway.federation.support import Client, Rig, legacy, modern
from tests.support.process import await_ready, free_port, running
from tests.support.wait import until_async
from trunkline.gateway.events import CallContext
from trunkline.gateway.federation.federation import Federation
from trunkline.gateway.federation.settings import parse


@contextmanager
def server(port: int, folder: Path) -> Generator[None]:
    with running("tests.conformance.fixture_server", ["--port", str(port)], {}, folder / "log") as program:
        await_ready(program, port, "/stats")
        yield


async def test_a_server_that_is_down_says_so_and_comes_back_by_itself(tmp_path: Path, servers: dict[str, str]) -> None:
    port = free_port()
    table = {"up": {"url": f"http://127.0.0.1:{port}/mcp"}, "other": {"url": servers["both"]}}
    federation = Federation(parse(table))
    contexts = (modern(), legacy(Client("one")))
    with server(port, tmp_path):
        await federation.start()
        rig = Rig(federation, "both")
        for context in contexts:
            assert await calls(rig, context)
    try:
        for context in contexts:
            down = await rig.call(context, "up_test_simple_text")
            assert down.code == "upstream_unavailable"
            assert (await rig.call(context, "other_test_simple_text")).text.startswith("This is")
            assert (await rig.ask(context, "prompts/list")).result["prompts"]
        await until_async(lambda: faults(federation, ["", "up"]), 2, "a state that says so")
        assert federation.find("up_test_simple_text") is not None
        with server(port, tmp_path):
            for context in contexts:
                await until_async(lambda now=context: calls(rig, now), 2, "a good call")
            await until_async(lambda: faults(federation, ["", ""]), 1, "a good state")
    finally:
        await federation.close()


async def calls(rig: Rig, context: CallContext) -> bool:
    called = await rig.call(context, "up_test_simple_text")
    return hasattr(called.end, "result")


async def faults(federation: Federation, expected: list[str]) -> bool:
    """Whether exactly the servers of these ids are in trouble; sorted by id, "" for a good one."""
    return [state.id if state.fault else "" for state in federation.states()] == expected


async def test_a_server_that_was_never_there_has_no_tools_and_delays_nobody() -> None:
    federation = Federation(parse({"up": {"url": f"http://127.0.0.1:{free_port()}/mcp"}}))
    async with asyncio.timeout(10):
        await federation.start()
    assert federation.tools() == ()
    assert not federation.serves("prompts/list")
    await federation.close()


async def test_a_server_that_answers_with_something_else_is_a_fault_not_a_crash() -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        body = b'{"jsonrpc":"2.0","id":1,"result":[1,2]}'
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    listener = await asyncio.start_server(garbage, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/mcp"
    federation = Federation(parse({"up": {"url": url}}))
    await federation.start()
    state = federation.states()[0]
    assert state.fault
    assert state.tools == 0
    await federation.close()
    listener.close()
    await listener.wait_closed()


@pytest.mark.parametrize("status", [401, 503])
async def test_a_server_that_refuses_us_is_named_with_what_to_do(status: int) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 %d No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status)
        writer.close()

    listener = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/mcp"
    federation = Federation(parse({"up": {"url": url}}))
    await federation.start()
    assert f"HTTP {status}" in federation.states()[0].fault
    await federation.close()
    listener.close()
    await listener.wait_closed()
