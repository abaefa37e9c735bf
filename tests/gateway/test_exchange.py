"""One HTTP answer, whichever form it takes, without a server in between."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from trunkline.gateway.exchange import Exchange
from trunkline.gateway.headers import Headers
from trunkline.gateway.lane import Answer, Stream


class Wire:
    """The server's side of ASGI."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.exchange = Exchange({}, self.receive, self.send, Headers([]))

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    async def send(self, event: Any) -> None:
        self.sent.append(event)

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.sent)


async def test_an_answer_is_json_with_its_status() -> None:
    wire = Wire()
    await wire.exchange.finish(Answer(b"{}", 404))
    assert wire.sent[0]["status"] == 404
    assert (b"content-type", b"application/json") in wire.sent[0]["headers"]
    assert wire.body == b"{}"


async def test_a_silent_call_is_kept_alive_and_its_answer_becomes_an_event() -> None:
    wire = Wire()
    await wire.exchange.ping()
    await wire.exchange.ping()
    await wire.exchange.finish(Answer(b'{\n"a": 1}', 404))
    assert [event["type"] for event in wire.sent].count("http.response.start") == 1
    assert (wire.sent[0]["status"], wire.sent[0]["headers"][0]) == (200, (b"content-type", b"text/event-stream"))
    assert wire.body == b': ping\r\n\r\n: ping\r\n\r\nevent: message\r\ndata: { "a": 1}\r\n\r\n'
    assert not wire.sent[-1].get("more_body")


async def test_a_stream_is_one_event_a_message() -> None:
    async def messages() -> AsyncGenerator[bytes, None]:
        yield b"1"
        yield b"2"

    wire = Wire()
    await wire.exchange.finish(Stream(messages()))
    assert wire.body == b"event: message\r\ndata: 1\r\n\r\nevent: message\r\ndata: 2\r\n\r\n"
    assert not wire.sent[-1].get("more_body")
