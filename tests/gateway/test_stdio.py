"""The protocol over two pipes: what the official client does not do, and must not hurt."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.gateway.world import OWNER, World
from trunkline.gateway.standard_streams import converse
from trunkline.gateway.stdio import LINE_LIMIT
from trunkline.gateway.toolset import Caller, Toolset

META: dict[str, Any] = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


class Pipes:
    """A client's ends of the two pipes."""

    def __init__(self, into: int, out: asyncio.StreamReader) -> None:
        self._into = into
        self._out = out

    async def send(self, *messages: Any) -> None:
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
            await asyncio.to_thread(os.write, self._into, line + b"\n")

    async def next(self) -> Any:
        return json.loads(await asyncio.wait_for(self._out.readline(), 20))

    async def ask(self, id: int, method: str, params: Any = None) -> Any:
        await self.send({"id": id, "method": method, "params": params or {}})
        return await self.next()

    async def modern(self, id: int, method: str, **params: Any) -> Any:
        return await self.ask(id, method, {**params, "_meta": META})

    def close(self) -> None:
        os.close(self._into)

    async def rest(self) -> list[Any]:
        return [json.loads(line) for line in (await asyncio.wait_for(self._out.read(), 20)).splitlines()]


@pytest.fixture
async def pipes(world: World) -> AsyncIterator[Pipes]:
    server_in, client_out = os.pipe()
    client_in, server_out = os.pipe()
    reader = asyncio.StreamReader(LINE_LIMIT)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(client_in, "rb")
    )
    line = world.gateway.line
    serving = asyncio.create_task(converse(world.gateway.lane, line, Caller(OWNER, Toolset()), server_in, server_out))
    serving.add_done_callback(lambda _: os.close(server_out))
    client = Pipes(client_out, reader)
    yield client
    if not serving.done():
        client.close()
    await asyncio.wait_for(serving, 20)
    os.close(server_in)
    transport.close()


async def test_a_modern_client_needs_no_handshake(pipes: Pipes) -> None:
    first = await pipes.modern(1, "tools/list")
    again = await pipes.modern(2, "tools/list")
    assert first["result"] == again["result"]
    assert (await pipes.modern(3, "tools/call", name="echo_get_text"))["result"]["isError"] is False


async def test_a_modern_connection_takes_no_request_without_its_envelope(pipes: Pipes) -> None:
    await pipes.modern(1, "server/discover")
    assert (await pipes.ask(2, "tools/list"))["error"]["code"] == -32602
    assert (await pipes.ask(3, "initialize", INITIALIZE))["error"]["code"] == -32022
    wrong = {**META, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    refused = await pipes.ask(4, "tools/list", {"_meta": wrong})
    assert refused["error"]["data"] == {"supported": ["2026-07-28"], "requested": "2031-01-01"}


async def test_a_legacy_connection_is_opened_by_its_handshake_and_by_nothing_else(pipes: Pipes) -> None:
    assert "error" in await pipes.ask(1, "tools/list")
    assert (await pipes.ask(2, "initialize", INITIALIZE))["result"]["protocolVersion"] == "2025-11-25"
    await pipes.send({"method": "notifications/initialized"})
    assert "tools" in (await pipes.ask(3, "tools/list"))["result"]
    assert (await pipes.modern(4, "tools/list"))["error"]["code"] == -32600


@pytest.mark.parametrize("garbage", [b"{", b"[]", b'"x"', b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'])
async def test_garbage_is_answered_and_the_next_request_works(pipes: Pipes, garbage: bytes) -> None:
    await pipes.modern(1, "server/discover")
    await pipes.send(garbage)
    refused = await pipes.next()
    assert refused["id"] is None
    assert refused["error"]["code"] in (-32700, -32600)
    assert "result" in await pipes.modern(2, "tools/list")


async def test_a_cancelled_call_is_given_up_and_not_answered(pipes: Pipes, world: World) -> None:
    await pipes.ask(1, "initialize", INITIALIZE)
    call = {"name": "echo_get_text", "arguments": {"do": "hang"}}
    await pipes.send({"id": 2, "method": "tools/call", "params": call})
    await asyncio.wait_for(world.port.hanging.wait(), 10)
    await pipes.send({"method": "notifications/cancelled", "params": {"requestId": 2}})
    assert (await pipes.ask(3, "tools/list"))["id"] == 3
    assert world.port.given_up


async def test_a_slow_call_does_not_hold_up_the_next(pipes: Pipes) -> None:
    await pipes.modern(1, "server/discover")
    slow = {"name": "echo_get_text", "arguments": {"do": "hang"}, "_meta": META}
    await pipes.send({"id": 2, "method": "tools/call", "params": slow})
    assert (await pipes.modern(3, "tools/call", name="echo_get_text"))["id"] == 3


async def test_what_was_asked_before_the_input_ended_is_answered(pipes: Pipes) -> None:
    await pipes.send({"id": 1, "method": "tools/list", "params": {"_meta": META}})
    await pipes.send({"id": 2, "method": "tools/call", "params": {"name": "echo_get_text", "_meta": META}})
    pipes.close()
    assert {message["id"] for message in await pipes.rest()} == {1, 2}


async def test_a_refused_request_is_not_waited_for_at_the_end(pipes: Pipes) -> None:
    await pipes.send(b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}')
    assert "twice" in (await pipes.next())["error"]["message"]
    pipes.close()
    async with asyncio.timeout(3):  # what is unanswered at the end has 5 s
        assert await pipes.rest() == []
