"""The HTTP client against servers that behave, and servers that do not."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from trunkline.contract import InvalidSettings, UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.client import Client, Limits
from trunkline.gateway.federation.connection import Answer, ConnectionLost, Stream
from trunkline.gateway.federation.federation import Federation
from trunkline.gateway.federation.settings import parse

Handler = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Server:
    """A raw server: `handle` gets one request's body at a time and writes what it likes."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self.connections = 0
        self.requests: list[bytes] = []
        self.asked, self.closed = asyncio.Event(), asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or b"0")
                body = await reader.readexactly(length)
                self.requests.append(head + body)
                self.asked.set()
                await self._handle(writer, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(handle: Handler, limits: Limits | None = None) -> AsyncGenerator[tuple[Server, Client]]:
    server = Server(handle)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    client = Client("The server", f"http://127.0.0.1:{port}/mcp?x=1", {"Authorization": "Bearer t"}, limits)
    try:
        yield server, client
    finally:
        await client.close()
        listener.close()
        await listener.wait_closed()


def soon(seconds: float = 5) -> float:
    return asyncio.get_running_loop().time() + seconds


async def whole(client: Client, body: bytes = b"{}", *, repeatable: bool = True, seconds: float = 5) -> Answer:
    answer = await client.post(b"X-A: b\r\n", body, soon(seconds), repeatable=repeatable)
    assert isinstance(answer, Answer)
    return answer


async def events(client: Client) -> Stream:
    answer = await client.post(b"", b"{}", soon())
    assert isinstance(answer, Stream)
    return answer


async def ok(writer: asyncio.StreamWriter, _body: bytes) -> None:
    writer.write(OK)


async def test_a_connection_is_used_again() -> None:
    async with serving(ok) as (server, client):
        for _ in range(3):
            answer = await whole(client, b'{"a":1}')
            assert (answer.status, answer.body, answer.headers[b"content-type"]) == (200, b"{}", b"application/json")
        assert server.connections == 1
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /mcp?x=1 HTTP/1.1\r\n")
        assert {b"Authorization: Bearer t", b"X-A: b", b"Content-Length: 7"} <= set(head.split(b"\r\n"))
        assert body == b'{"a":1}'


async def test_concurrent_requests_wait_for_the_pool_and_all_are_answered() -> None:
    async def slowly(writer: asyncio.StreamWriter, _body: bytes) -> None:
        await asyncio.sleep(0.01)
        writer.write(OK)

    async with serving(slowly, Limits(connections=4)) as (server, client):
        answers = await asyncio.gather(*(whole(client) for _ in range(40)))
        assert len(answers) == 40
        assert server.connections == 4


async def test_an_event_stream_is_read_as_it_comes_and_its_connection_used_again() -> None:
    async def stream(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(SSE + chunk(b"data: one\n"))
        await writer.drain()
        writer.write(chunk(b"\ndata: two\n\n") + chunk(b": done\n\n") + b"0\r\n\r\n")

    async with serving(stream) as (server, client):
        for _ in range(2):
            assert [data async for data in await events(client)] == [b"one", b"two"]
        assert server.connections == 1


async def test_a_released_stream_gives_its_connection_back() -> None:
    async def stream(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(SSE + chunk(b"data: one\n\n"))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"0\r\n\r\n")

    async with serving(stream) as (server, client):
        first = await events(client)
        assert await anext(aiter(first)) == b"one"
        first.release()
        await asyncio.sleep(0.1)
        await events(client)
        assert server.connections == 1


async def test_a_broken_stream_says_so() -> None:
    async def broken(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(SSE + chunk(b"data: one\n\n"))
        await writer.drain()
        writer.close()

    async with serving(broken) as (_, client):
        stream = aiter(await events(client))
        assert await anext(stream) == b"one"
        with pytest.raises(ConnectionLost):
            await anext(stream)


async def close_at_once(writer: asyncio.StreamWriter, body: bytes) -> None:
    """The first request of a connection is answered, the second one cut off."""
    if body == b"second":
        writer.close()
    else:
        writer.write(OK)


async def test_a_repeatable_request_survives_a_connection_that_was_closing() -> None:
    count = 0

    async def once(writer: asyncio.StreamWriter, body: bytes) -> None:
        nonlocal count
        count += body == b"second"
        if count == 1:
            writer.close()
        else:
            writer.write(OK)

    async with serving(once) as (server, client):
        await whole(client)
        await asyncio.sleep(0)
        assert (await whole(client, b"second")).body == b"{}"
        assert server.connections == 2


async def test_a_request_that_must_not_be_repeated_is_not() -> None:
    async with serving(close_at_once) as (server, client):
        await whole(client)
        with pytest.raises(UpstreamUnavailable, match="broke the connection"):
            await whole(client, b"second", repeatable=False)
        assert len(server.requests) == 2


async def test_nobody_there_is_unavailable() -> None:
    async with serving(ok) as (_, client):
        pass
    with pytest.raises(UpstreamUnavailable, match="cannot be reached"):
        await whole(Client("The server", client.url))


async def test_no_answer_in_time_is_a_timeout_and_closes_the_connection() -> None:
    async def never(_writer: asyncio.StreamWriter, _body: bytes) -> None:
        await asyncio.sleep(0)

    async with serving(never) as (server, client):
        with pytest.raises(UpstreamTimeout):
            await whole(client, seconds=0.1)
        await asyncio.wait_for(server.closed.wait(), 5)
        assert client.connections == 0


async def test_cancelling_closes_the_connection() -> None:
    async def never(_writer: asyncio.StreamWriter, _body: bytes) -> None:
        await asyncio.sleep(0)

    async with serving(never) as (server, client):
        call = asyncio.create_task(whole(client))
        await asyncio.wait_for(server.asked.wait(), 5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(server.closed.wait(), 5)


@pytest.mark.parametrize("chunked", [True, False])
async def test_too_large_an_answer_is_refused(chunked: bool) -> None:
    async def large(writer: asyncio.StreamWriter, _body: bytes) -> None:
        if chunked:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"x" * 2000) * 2)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + b"x" * 100)

    async with serving(large, Limits(answer=1000)) as (_, client):
        with pytest.raises(UpstreamFailed, match="1000 bytes"):
            await whole(client)


async def test_what_is_not_http_is_a_failure() -> None:
    async def garbage(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(b"SMTP ready\r\n\r\n")

    async with serving(garbage) as (_, client):
        with pytest.raises(UpstreamUnavailable, match="not HTTP"):
            await whole(client)


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async def old(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
        await writer.drain()
        writer.close()

    async with serving(old) as (_, client):
        assert (await whole(client)).body == b"all of it"


async def test_a_slow_reader_slows_the_server() -> None:
    event = b"data: " + b"x" * 65536 + b"\n\n"
    sent = 0

    async def flood(writer: asyncio.StreamWriter, _body: bytes) -> None:
        nonlocal sent
        writer.write(SSE)
        for _ in range(400):
            writer.write(chunk(event))
            await writer.drain()
            sent += 1
        writer.write(b"0\r\n\r\n")

    async with serving(flood) as (_, client):
        stream = await events(client)
        await asyncio.sleep(0.3)
        assert sent < 300
        assert sum([1 async for _ in stream]) == 400


@pytest.mark.parametrize("url", ["ftp://x/", "http:///x", "http://user:secret@host/", "nonsense"])
def test_only_plain_http_urls_are_taken(url: str) -> None:
    with pytest.raises(InvalidSettings):
        Client("The server", url)


def test_a_token_that_would_start_another_header_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="cannot carry"):
        Client("The server", "http://host/", {"Authorization": "Bearer x\r\nHost: y"})


async def test_a_token_that_the_server_repeats_is_taken_out_of_whatever_it_says() -> None:
    async def handle(writer: asyncio.StreamWriter, body: bytes) -> None:
        said = b'{"you":"sent canary-token"}'
        if body == b"stream":
            writer.write(SSE + chunk(b"data: " + said[:15]) + chunk(said[15:] + b"\n\n") + b"0\r\n\r\n")
        else:
            writer.write(OK.replace(b"Content-Length: 2\r\n\r\n{}", b"Content-Length: 27\r\n\r\n" + said))

    async with serving(handle) as (_, plain):
        client = Client("one", plain.url, {"Authorization": "Bearer canary-token"})
        whole = await client.post(b"", b"whole")
        assert isinstance(whole, Answer)
        assert whole.body == b'{"you":"sent [redacted]"}'
        stream = await client.post(b"", b"stream")
        assert isinstance(stream, Stream)
        assert [event async for event in stream] == [b'{"you":"sent [redacted]"}']
        await client.close()


@pytest.mark.parametrize("read", [wire.decode, wire.head, wire.members, wire.rpc_error])
def test_json_nested_past_all_depth_is_the_servers_fault(read: Callable[[bytes], object]) -> None:
    with pytest.raises(UpstreamFailed):
        read(b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


async def test_a_server_that_answers_nonsense_is_tried_less_and_less_often() -> None:
    async def handle(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(OK)

    async with serving(handle) as (server, client):
        federation = Federation(parse({"odd": {"url": client.url}}), {})
        await federation.start()
        await asyncio.sleep(2.5)
        tries = sum(b"server/discover" in request for request in server.requests)
        await federation.close()
    assert 2 <= tries <= 6  # at 0, 0.25, 0.75, 1.75 s; it was every 0.25 s
