"""A category server in one process: tickets, errors, limits, deadlines, secrets."""

import asyncio
import base64
import json
import logging
import time
from pathlib import Path

import pytest
from aiohttp import web

from tests.category.house import (
    CREATE,
    CREDENTIAL,
    GET,
    KEY,
    LIST,
    TOKEN,
    call,
    category,
    end_of,
    fault_of,
    text_of,
    ticket_for,
)
from tests.support.wait import until_async
from trunkline.category.server import Limits
from trunkline.connections.ticket import Sealer, TicketKey
from trunkline.contract import AllowedCall, AuthKind, AuthScheme, Credential, Done, Effect, Failed


async def echo(request: web.BaseRequest) -> web.Response:
    return web.json_response({"path": request.raw_path, "body": await request.text()})


async def never(request: web.BaseRequest) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def test_a_call_is_answered_by_the_service(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        end = await end_of(server, call(arguments={"id": "a/b", "page": 2}))
        assert isinstance(end, Done)
        assert json.loads(end.result.text) == {"path": "/v1/items/a%2Fb?page=2", "body": ""}
        assert end.result.upstream_ms > 0
        assert json.loads(await text_of(server, call(CREATE.name, {"title": "t"})))["body"] == '{"title":"t"}'


@pytest.mark.parametrize(
    ("allowed", "code"),
    [
        (call(arguments={"id": 7}), "invalid_arguments"),
        (call(arguments={"id": "../x"}), "invalid_arguments"),
        (call("acme_get_itm"), "not_found"),
        (call(hosts=("other.example",)), "host_denied"),
        (call(deadline=0.0), "upstream_timeout"),
        (call(service="other"), "ticket_rejected"),
    ],
)
async def test_a_call_that_cannot_be_made_says_why_and_nothing_is_sent(
    allowed: AllowedCall, code: str, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response()

    async with category(handler, tmp_path) as server:
        assert (await fault_of(server, allowed)).fact.code == code
    assert not asked


async def test_an_unknown_name_is_answered_with_one_like_it(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        assert GET.name in (await fault_of(server, call("acme_get_itm"))).fact.message


async def test_a_ticket_is_needed_once_for_each_call_and_for_this_category(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        allowed = call()
        ticket = ticket_for(allowed)
        other_key = Sealer({"code": TicketKey.generate()}).seal(allowed, CREDENTIAL)
        other_category = call(category="comms")
        for each, with_ticket in [
            (allowed, b""),
            (allowed, other_key),
            (call(), ticket),
            (other_category, Sealer({"comms": KEY}).seal(other_category, CREDENTIAL)),
        ]:
            (event,) = [event async for event in server.call(each, with_ticket)]
            assert isinstance(event, Failed)
            assert event.fact.code == "ticket_rejected"
        assert [type(event) async for event in server.call(allowed, ticket)] == [Done]
        assert [type(event) async for event in server.call(allowed, ticket)] == [Failed]


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [(401, "credential_rejected", False), (404, "upstream_failed", False), (429, "upstream_unavailable", True)],
)
async def test_an_error_of_the_service_is_typed(status: int, code: str, retryable: bool, tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.json_response({"message": "because"}, status=status)

    async with category(handler, tmp_path) as server:
        fact = (await fault_of(server, call())).fact
    assert (fact.code, fact.retryable) == (code, retryable)
    assert "because" in fact.message


@pytest.mark.parametrize("status", [200, 400])
async def test_a_secret_that_the_service_echoes_reaches_nobody(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoded = base64.b64encode(TOKEN.encode()).decode()

    async def handler(request: web.BaseRequest) -> web.Response:
        sent = request.headers["Authorization"]
        return web.json_response({"message": f"{sent} {encoded} canary%2Bsecret%2Fvalue"}, status=status)

    with caplog.at_level(logging.DEBUG):
        async with category(handler, tmp_path) as server:
            end = await end_of(server, call())
    seen = repr(end) + caplog.text
    assert "[redacted]" in seen
    for form in (TOKEN, encoded, "canary%2Bsecret", "canary"):
        assert form not in seen


async def test_a_secret_in_another_character_set_is_found(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        body = f'{{"number": "{TOKEN}"}}'.encode("utf-16")
        return web.Response(body=body, headers={"Content-Type": "application/json; charset=utf-16"})

    async with category(handler, tmp_path) as server:
        seen = repr(await end_of(server, call())).replace("\\x00", "")
    assert "[redacted]" in seen
    assert "canary" not in seen


async def test_an_answer_with_the_status_of_no_answer_is_an_error(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        await asyncio.sleep(0.2)
        request.transport.abort()
        return web.Response()

    async with category(handler, tmp_path) as server:
        assert (await fault_of(server, call())).fact.code == "upstream_failed"


async def test_a_secret_hidden_in_escapes_is_found_when_they_are_undone(tmp_path: Path) -> None:
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in TOKEN)

    async def handler(request: web.BaseRequest) -> web.Response:
        status = 400 if request.path.endswith("/7") else 200
        body = f'{{"number": "{hidden}", "message": "{hidden}"}}'
        return web.Response(status=status, text=body, content_type="application/json")

    async with category(handler, tmp_path) as server:
        for allowed in (call(), call(LIST.name, {})):
            seen = repr(await end_of(server, allowed))
            assert "[redacted]" in seen
            assert "canary" not in seen


@pytest.mark.parametrize("status", [200, 400])
async def test_a_secret_at_the_edge_of_what_is_cut_off_does_not_come_half(status: int, tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        room = 595 if status == 400 else 990
        return web.Response(status=status, text="x" * room + TOKEN + "y" * 5_000)

    async with category(handler, tmp_path, Limits(answer_budget_bytes=1_000)) as server:
        assert "canary" not in repr(await end_of(server, call()))


async def test_a_call_past_its_deadline_ends_and_frees_its_place(tmp_path: Path) -> None:
    async with category(never, tmp_path, Limits(in_flight=1)) as server:
        started = time.monotonic()
        fact = (await fault_of(server, call(deadline=time.time() + 0.3))).fact
        assert time.monotonic() - started < 1
        assert (fact.code, fact.retryable) == ("upstream_timeout", True)
        write = await fault_of(server, call(CREATE.name, {"title": "t"}, deadline=time.time() + 0.1))
        assert "may or may not" in write.fact.hint
        assert server.in_flight == 0


async def test_one_call_too_many_is_refused_at_once(tmp_path: Path) -> None:
    async with category(never, tmp_path, Limits(in_flight=1)) as server:
        first = call(deadline=time.time() + 0.5)
        task = server.begin(first, ticket_for(first))
        assert (await fault_of(server, call())).fact.code == "overloaded"
        await task


async def test_the_same_call_is_not_run_twice_at_a_time(tmp_path: Path) -> None:
    async with category(never, tmp_path) as server:
        allowed = call(deadline=time.time() + 0.5)
        task = server.begin(allowed, ticket_for(allowed))
        assert (await fault_of(server, allowed)).fact.code == "ticket_rejected"
        await task


async def test_a_cancelled_call_closes_its_connection_to_the_service(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.Response:
        try:
            await asyncio.sleep(60)
        finally:
            gone.set()
        return web.Response()

    async with category(handler, tmp_path) as server:
        allowed = call()
        task = server.begin(allowed, ticket_for(allowed))
        await asyncio.sleep(0.1)
        await server.cancel(allowed.id)
        end = await task
        assert isinstance(end, Failed)
        assert end.fact.code == "cancelled"
        async with asyncio.timeout(2):
            await gone.wait()


async def test_a_call_cancelled_before_its_first_step_still_has_an_end(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        allowed = call()
        task = server.begin(allowed, ticket_for(allowed))
        await server.cancel(allowed.id)
        end = await task
        assert isinstance(end, Failed)
        assert end.fact.code == "cancelled"


async def test_a_consumer_that_goes_away_gives_the_call_up(tmp_path: Path) -> None:
    async with category(never, tmp_path) as server:
        waiting = asyncio.create_task(end_of(server, call()))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        async def idle() -> bool:
            return server.in_flight == 0

        assert await until_async(idle, 2, "the call to be given up")


async def test_a_service_without_authentication_is_called_without_a_credential(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.json_response({"auth": request.headers.get("Authorization", "none")})

    async with category(handler, tmp_path) as server:
        end = await end_of(server, call(), None)
    assert isinstance(end, Done)
    assert end.result.text == '{"auth":"none"}'


async def test_a_credential_that_does_not_fit_ends_the_call(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        bad = Credential(AuthScheme(AuthKind.BASIC), {"username": "u"})
        assert (await fault_of(server, call(), bad)).fact.code == "credential_rejected"


async def test_the_effect_of_a_call_is_what_its_ticket_says(tmp_path: Path) -> None:
    async with category(echo, tmp_path) as server:
        allowed = call()
        ticket = ticket_for(allowed)
        changed = call(id=allowed.id, deadline=allowed.deadline, effect=Effect.WRITE)
        (event,) = [event async for event in server.call(changed, ticket)]
        assert isinstance(event, Failed)
        assert event.fact.code == "ticket_rejected"
