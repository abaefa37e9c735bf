import asyncio
import logging

import pytest

from tests.infra.http.house import SECONDS, body_of, connected, echo, request, respond, serving, talking
from trunkline.infra.http.asgi import Receive, Scope, Send
from trunkline.infra.http.server import Limits

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_requests_on_one_connection_are_answered_one_after_another() -> None:
    async with talking(echo) as client:
        for number in range(3):
            await client.send(request(b"/a?n=%d" % number, b"body %d" % number))
            status, headers, body = await client.answer()
            assert (status, body) == (200, b"POST /a n=%d body %d" % (number, number))
            assert "date" in headers
            assert "connection" not in headers


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    async with talking(echo) as client:
        await client.send(b"".join(request(b"/", b"%d" % number) for number in range(50)))
        bodies = [(await client.answer())[2] for _ in range(50)]
        assert bodies == [b"POST /  %d" % number for number in range(50)]


async def test_a_request_may_come_byte_by_byte() -> None:
    async with talking(echo) as client:
        for byte in request(b"/slow", b"abc"):
            await client.send(bytes([byte]))
            await asyncio.sleep(0)
        assert (await client.answer())[2] == b"POST /slow  abc"


async def test_a_chunked_body_arrives_whole_and_its_trailers_are_no_headers() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        seen.extend(scope["headers"])
        await respond(send, body)

    async with talking(app) as client:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        await client.send(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n")
        assert (await client.answer())[2] == b"abcde"
    assert b"x-late" not in dict(seen)


async def test_header_names_are_lower_case_and_values_without_outer_blanks() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, dict(scope["headers"])[b"x-name"])

    async with talking(app) as client:
        await client.send(request(b"/", b"", b"X-NAME:  value  "))
        assert (await client.answer())[2] == b"value"


async def test_an_escaped_path_is_decoded_and_an_absolute_target_is_understood() -> None:
    async with talking(echo) as client:
        await client.send(request(b"/a%20b") + request(b"http://x/c?d=e"))
        assert (await client.answer())[2] == b"POST /a b  "
        assert (await client.answer())[2] == b"POST /c d=e "


async def test_an_answer_in_parts_is_sent_as_it_comes_its_head_at_once() -> None:
    gate = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await gate.wait()
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await gate.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async with talking(app) as client:
        await client.send(request())
        async with asyncio.timeout(SECONDS):
            assert b"transfer-encoding: chunked\r\n" in await client.reader.readuntil(b"\r\n\r\n")
        gate.set()
        async with asyncio.timeout(SECONDS):
            assert await client.reader.readuntil(b"0\r\n\r\n") == b"5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"


async def test_a_client_of_http_1_0_gets_no_chunks_and_its_connection_ends() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async with talking(app) as client:
        await client.send(request(version=b"1.0"))
        answer = await client.rest()
        assert answer.endswith(b"\r\n\r\nab")
        assert b"connection: close\r\n" in answer
        assert b"chunked" not in answer


async def test_head_and_204_have_no_body() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, b"" if scope["path"] == "/none" else b"body", 204 if scope["path"] == "/none" else 200)

    async with talking(app) as client:
        await client.send(request(method=b"HEAD") + request(b"/none") + request(b"/last"))
        async with asyncio.timeout(SECONDS):
            assert b"content-length: 4\r\n" in await client.reader.readuntil(b"\r\n\r\n")
            assert b"content-length" not in await client.reader.readuntil(b"\r\n\r\n")
        assert (await client.answer())[2] == b"body"


async def test_a_client_that_asks_first_is_told_to_continue_when_the_body_is_wanted() -> None:
    async with talking(echo) as client:
        whole = request(b"/", b"abc", b"Expect: 100-continue")
        await client.send(whole[:-3])
        async with asyncio.timeout(SECONDS):
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(whole[-3:])
        assert (await client.answer())[2] == b"POST /  abc"


async def test_the_app_learns_that_its_client_has_left() -> None:
    left = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await body_of(receive)
        assert (await receive())["type"] == "http.disconnect"
        left.set()
        raise ConnectionError("nobody is there")

    async with serving(app) as (_, port):
        async with connected(port) as client:
            await client.send(request())
            await asyncio.sleep(0.05)
        async with asyncio.timeout(SECONDS):
            await left.wait()


async def test_a_client_that_leaves_before_its_answer_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    left = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with serving(app) as (_, port):
        async with connected(port) as client:
            await client.send(request())
            await asyncio.sleep(0.05)
        async with asyncio.timeout(SECONDS):
            await left.wait()
    assert not caplog.records


async def test_a_slow_reader_slows_the_app_down() -> None:
    written = 0

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal written
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(300):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            written += 100_000
        await send({"type": "http.response.body", "body": b""})

    async with talking(app) as client:
        await client.send(request())
        await asyncio.sleep(0.3)
        assert 0 < written < 20_000_000
        assert len((await client.answer())[2]) == 30_000_000


async def test_a_body_that_nobody_takes_is_not_read() -> None:
    release = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await release.wait()
        await respond(send, b"%d" % len(await body_of(receive)))

    async with talking(app) as client:
        body = b"x" * 30_000_000
        sending = asyncio.create_task(client.send(request(b"/", body)))
        await asyncio.sleep(0.2)
        assert not sending.done()
        release.set()
        assert (await client.answer())[2] == b"30000000"
        await sending


async def test_an_answer_before_the_body_has_come_leaves_the_connection_usable() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, b"no", 413)

    async with talking(app) as client:
        whole = request(b"/", b"x" * 200_000)
        await client.send(whole[:100])
        assert (await client.answer())[0] == 413
        await client.send(whole[100:])
        await client.send(request())
        assert (await client.answer())[0] == 413


async def test_closing_waits_for_the_answer_under_way() -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        begun.set()
        await gate.wait()
        await respond(send, b"late")

    async with serving(app) as (server, port), connected(port) as client:
        await client.send(request())
        await begun.wait()
        closing = asyncio.create_task(server.close(grace=SECONDS))
        await asyncio.sleep(0.05)
        assert not closing.done()
        gate.set()
        assert (await client.answer())[2] == b"late"
        await closing
        assert await client.rest() == b""


async def test_closing_cancels_what_takes_longer_than_its_grace() -> None:
    cancelled = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serving(app) as (server, port), connected(port) as client:
        await client.send(request())
        await asyncio.sleep(0.05)
        await server.close(grace=0.05)
        assert cancelled.is_set()


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.5)
        await respond(send, b"done")

    limits = Limits(idle=0.1, request=0.5)
    async with serving(app, limits) as (_, port), connected(port) as idle, connected(port) as busy:
        await busy.send(request())
        assert (await busy.answer())[2] == b"done"
        assert await idle.rest() == b""
        assert await busy.rest() == b""


@pytest.mark.parametrize("sent", [b"POST / HTTP/1.1\r\nHost: x\r\n", request(b"/", b"abc")[:-1]], ids=["head", "body"])
async def test_a_request_that_does_not_come_to_its_end_is_given_up(sent: bytes) -> None:
    async with talking(echo, Limits(request=0.1)) as client:
        await client.send(sent)
        answer = await client.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 not HTTP\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000, 431),
        (CHUNKED + b"zz\r\nhello", 400),
        (CHUNKED + b"2\r\nab\r\n0\r\nX-Late: " + b"a" * 100_000, 431),
        (CHUNKED + b"2;x=" + b"a" * 100_000, 431),
    ],
    ids=["not HTTP", "two lengths", "length and chunks", "large head", "bad chunk", "large trailer", "large extension"],
)
async def test_a_bad_request_is_refused_and_its_connection_ends(sent: bytes, status: int) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await body_of(receive)
        await asyncio.sleep(0.05)
        await respond(send, b"ok")

    async with talking(app) as client:
        await client.send(sent[:80])
        await asyncio.sleep(0.02)
        await client.send(sent[80:])
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 %d " % status), answer


async def test_an_upgrade_is_not_followed_and_the_request_is_answered() -> None:
    """RFC 9110, section 7.8: a server may ignore it."""
    async with talking(echo) as client:
        await client.send(request(b"/", b"", b"Connection: Upgrade", b"Upgrade: h2c", method=b"GET"))
        status, headers, body = await client.answer()
        assert (status, body) == (200, b"GET /  ")
        assert headers["connection"] == "close"


async def test_a_request_that_asks_for_an_upgrade_keeps_its_body() -> None:
    """As Java's HttpClient sends every first request."""
    async with talking(echo) as client:
        sent = request(
            b"/a", b"hello", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMA"
        )
        for byte in sent:
            await client.send(bytes([byte]))
        assert (await client.answer())[2] == b"POST /a  hello"


async def test_a_fault_of_the_app_is_a_500_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("made up")

    with caplog.at_level(logging.ERROR):
        async with talking(app) as client:
            await client.send(request())
            assert (await client.answer())[0] == 500
            assert await client.rest() == b""
    assert "made up" in caplog.text


async def test_a_fault_in_the_middle_of_an_answer_ends_it_early() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("made up")

    async with talking(app) as client:
        await client.send(request())
        with pytest.raises((ConnectionResetError, AssertionError)):
            assert b"0\r\n\r\n" in await client.rest()


async def test_a_line_break_in_a_header_is_never_sent() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"a\r\nset-cookie: b")]})

    async with talking(app) as client:
        await client.send(request())
        status, headers, _ = await client.answer()
        assert status == 500
        assert "set-cookie" not in headers
