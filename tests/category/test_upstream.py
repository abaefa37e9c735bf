"""The exchange with a service: what is sent, what is refused, when a second try is made."""

import asyncio
import gzip
from collections.abc import Callable

import pytest
from aiohttp import web

from tests.category.house import CREATE, GET, call, service
from tests.support.process import free_port
from trunkline.category.dial import SandboxDialer
from trunkline.category.request import Request
from trunkline.category.upstream import Answer, Limits, Upstream
from trunkline.contract import AllowedCall, Fault, HostDenied, Overloaded, UpstreamFailed, UpstreamUnavailable

ASKED = Request(
    "GET", "https", "api.acme.example", "/v1/x%2Fy", "a=b%26c", {"Accept": "a/b", "Authorization": "Bearer t"}
)
Reply = Callable[[web.BaseRequest], web.StreamResponse]


async def exchange(
    *replies: Reply, asked: Request = ASKED, allowed: AllowedCall | None = None, limits: Limits | None = None
) -> tuple[Answer | Fault, list[web.BaseRequest]]:
    """The answer to a request from a server that gives `replies` in turn, the last for ever; and what it was asked."""
    seen: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        seen.append(request)
        return replies[min(len(seen), len(replies)) - 1](request)

    async with service(handler) as port:
        upstream = Upstream(SandboxDialer("127.0.0.1", port), limits)
        try:
            return await upstream.send(asked, allowed or call()), seen
        except Fault as fault:
            return fault, seen
        finally:
            await upstream.close()


def says(status: int = 200, text: str = "ok", **headers: str) -> Reply:
    return lambda _: web.Response(
        status=status, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def hangs_up(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_a_request_without_a_body_names_no_type_of_one() -> None:
    asked = Request("POST", "https", "api.acme.example", "/v1/x", "", {"Accept": "a/b"})
    _, (seen,) = await exchange(says(), asked=asked)
    assert "Content-Type" not in seen.headers
    assert seen.headers["Content-Length"] == "0"


async def test_the_request_arrives_as_it_was_built() -> None:
    answer, (seen,) = await exchange(says())
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (200, b"ok")
    assert seen.raw_path == "/v1/x%2Fy?a=b%26c"
    assert seen.headers["Host"] == "api.acme.example"
    assert seen.headers["Authorization"] == "Bearer t"
    assert seen.headers["User-Agent"].startswith("Trunkline/")


async def test_no_cookie_is_kept_from_one_call_to_the_next() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "a=b"})

    async with service(handler) as port:
        upstream = Upstream(SandboxDialer("127.0.0.1", port))
        answers = [await upstream.send(ASKED, call()) for _ in range(2)]
        await upstream.close()
    assert [answer.body for answer in answers] == [b"none", b"none"]


async def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    answer, _ = await exchange(says())
    assert isinstance(answer, Answer)


@pytest.mark.parametrize("location", ["https://evil.example/x", "//evil.example/x", "http://api.acme.example/x"])
async def test_a_redirect_to_another_origin_is_reported_and_not_followed(location: str) -> None:
    answer, seen = await exchange(says(302, Location=location))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.location) == (302, location)
    assert len(seen) == 1


async def test_a_redirect_on_the_same_host_is_followed_by_a_get() -> None:
    answer, seen = await exchange(says(301, Location="/v1/new?c=d"), says(text="new"))
    assert isinstance(answer, Answer)
    assert answer.body == b"new"
    assert seen[1].raw_path == "/v1/new?c=d"


async def test_a_redirect_of_a_post_is_not_followed_and_a_loop_ends() -> None:
    post = Request("POST", "https", "api.acme.example", "/v1/x", "", {}, b"{}")
    answer, seen = await exchange(says(307, Location="/v1/new"), asked=post, allowed=call(CREATE.name))
    assert isinstance(answer, Answer)
    assert (answer.status, len(seen)) == (307, 1)
    answer, seen = await exchange(says(302, Location="/v1/again"))
    assert isinstance(answer, Answer)
    assert (answer.status, len(seen)) == (302, 4)


async def test_an_answer_too_large_is_cut_off_even_when_it_comes_compressed() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    reply: Reply = lambda _: web.Response(body=bomb, headers={"Content-Encoding": "gzip"})  # noqa: E731
    answer, _ = await exchange(reply, limits=Limits(answer_bytes=1_000_000))
    assert isinstance(answer, Overloaded)
    answer, _ = await exchange(says(text="x" * 2_000), limits=Limits(answer_bytes=1_000))
    assert isinstance(answer, Overloaded)


async def test_a_compressed_answer_is_unpacked() -> None:
    reply: Reply = lambda _: web.Response(body=gzip.compress(b"plain"), headers={"Content-Encoding": "gzip"})  # noqa: E731
    answer, _ = await exchange(reply)
    assert isinstance(answer, Answer)
    assert answer.body == b"plain"


async def test_a_503_that_names_a_short_wait_is_tried_once_more_for_a_read() -> None:
    answer, seen = await exchange(says(503, Retry_After="0"), says())
    assert isinstance(answer, Answer)
    assert (answer.status, len(seen)) == (200, 2)
    answer, seen = await exchange(says(503, Retry_After="0"))
    assert isinstance(answer, Answer)
    assert (answer.status, len(seen)) == (503, 2)


@pytest.mark.parametrize(
    ("wait", "allowed"), [("60", call()), ("soon", call()), ("0", call(CREATE.name)), ("2", call(deadline=0.0))]
)
async def test_a_503_is_not_tried_again_when_that_could_do_harm_or_takes_long(wait: str, allowed: AllowedCall) -> None:
    answer, seen = await exchange(says(503, Retry_After=wait), allowed=allowed)
    assert isinstance(answer, Answer)
    assert (answer.status, len(seen)) == (503, 1)


async def test_a_write_whose_connection_breaks_is_never_sent_again_and_says_that_it_may_have_happened() -> None:
    post = Request("POST", "https", "api.acme.example", "/v1/x", "", {}, b"{}")
    fault, seen = await exchange(hangs_up, asked=post, allowed=call(CREATE.name))
    assert isinstance(fault, UpstreamFailed)
    assert not fault.retryable
    assert "may or may not" in fault.hint
    assert len(seen) == 1


async def test_a_read_whose_connection_breaks_may_be_tried_again_by_the_caller() -> None:
    fault, _ = await exchange(hangs_up)
    assert isinstance(fault, UpstreamUnavailable)
    assert fault.retryable


async def test_a_service_that_cannot_be_reached_is_tried_twice_then_reported() -> None:
    upstream = Upstream(SandboxDialer("127.0.0.1", free_port()))
    with pytest.raises(UpstreamUnavailable, match="cannot be reached"):
        await upstream.send(ASKED, call(CREATE.name))
    await upstream.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_not_http_is_a_failure_of_the_service(raw: bytes) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(broken, "127.0.0.1", 0)
    async with server:
        upstream = Upstream(SandboxDialer("127.0.0.1", server.sockets[0].getsockname()[1]))
        with pytest.raises(UpstreamFailed):
            await upstream.send(ASKED, call(GET.name))
        await upstream.close()


BUCKET = Request("GET", "https", "b-1.s3.acme.example", "/k", "", {})


async def test_a_star_in_the_allow_list_is_one_label() -> None:
    answer, _ = await exchange(says(), asked=BUCKET, allowed=call(hosts=("*.s3.acme.example",)))
    assert isinstance(answer, Answer)
    for host in ("s3.acme.example", "a.b.s3.acme.example", "b-1.s3.acme.example.evil.example"):
        asked = Request("GET", "https", host, "/k", "", {})
        refused, seen = await exchange(says(), asked=asked, allowed=call(hosts=("*.s3.acme.example",)))
        assert isinstance(refused, HostDenied)
        assert not seen


async def test_an_answer_has_its_headers() -> None:
    answer, _ = await exchange(says(X_Request_Id="7"))
    assert isinstance(answer, Answer)
    assert answer.headers["x-request-id"] == "7"


async def test_no_content_type_is_made_up() -> None:
    _, (seen,) = await exchange(says(), asked=Request("PUT", "https", "api.acme.example", "/k", "", {}, b"x"))
    assert "Content-Type" not in seen.headers
