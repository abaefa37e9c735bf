"""How long a service asks to wait, in each way of saying it, and that it is not asked meanwhile."""

import time
from pathlib import Path

import pytest
from aiohttp import web

from tests.category.house import CREATE, GET, LIST, call, category, end_of, fault_of
from trunkline.category.quota import MOST_SECONDS, Quotas, asked_wait
from trunkline.contract import AllowedCall, ConnectionRef, Done, UpstreamUnavailable

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "30"}, 30),
        (503, {"Retry-After": "Mon, 21 Sep 2026 14:13:40 GMT"}, 20),
        (429, {"Retry-After": "Mon, 21 Sep 2026 14:00:00 GMT"}, 0),
        (429, {"Retry-After-Ms": "1500"}, 1.5),
        (429, {"RateLimit": '"default";r=0;t=12', "RateLimit-Policy": '"default";q=100;w=60'}, 12),
        (429, {"RateLimit": "limit=100, remaining=0, reset=50"}, 50),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000060"}, 60),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000060000"}, 60),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"}, 9),
        (403, {"X-RateLimit-Remaining": "4", "X-RateLimit-Reset": "9"}, None),
        (429, {"Retry-After": "soon"}, None),
        (429, {}, None),
        (200, {"Retry-After": "30"}, None),
    ],
)
def test_a_wait_is_understood_however_it_is_said(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(status, headers, NOW) == seconds


class Hand:
    """A clock moved by hand."""

    time = NOW

    def __call__(self) -> float:
        return self.time


def of_connection(name: str, tool: str = GET.name) -> AllowedCall:
    return call(tool, connection=ConnectionRef(name, 1, "acme"))


def test_only_the_connection_that_was_refused_waits_and_not_for_ever() -> None:
    clock = Hand()
    quotas = Quotas(clock)
    quotas.saw(of_connection("one"), 429, {"Retry-After": "1000000"})
    quotas.check(of_connection("two"))
    clock.time += MOST_SECONDS - 1
    with pytest.raises(UpstreamUnavailable):
        quotas.check(of_connection("one", LIST.name))
    clock.time += 2
    quotas.check(of_connection("one"))


def test_a_quota_of_a_part_of_the_service_holds_up_no_other_part() -> None:
    quotas = Quotas(Hand())
    quotas.saw(of_connection("one"), 429, {"Retry-After": "60", "X-RateLimit-Resource": "search"})
    quotas.check(of_connection("one", LIST.name))
    with pytest.raises(UpstreamUnavailable):
        quotas.check(of_connection("one"))


async def test_while_a_service_asks_to_wait_it_is_not_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.json_response({"message": "slow down"}, status=429, headers={"Retry-After": "45"})

    async with category(handler, tmp_path) as server:
        first = (await fault_of(server, call())).fact
        assert first.retryable
        assert "45 seconds" in first.hint
        second = (await fault_of(server, call(LIST.name, {}))).fact
        assert (second.code, second.retryable) == ("upstream_unavailable", True)
        assert "seconds" in second.hint
        assert len(asked) == 1


@pytest.mark.parametrize(("tool", "tries"), [(GET.name, 2), (CREATE.name, 1)])
async def test_a_short_wait_is_waited_out_once_by_what_is_safe_to_repeat(tool: str, tries: int, tmp_path: Path) -> None:
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response(status=429, headers={"Retry-After": "0.2"}) if len(asked) == 1 else web.json_response({})

    async with category(handler, tmp_path) as server:
        arguments = {"title": "t"} if tool == CREATE.name else {"id": "7"}
        end = await end_of(server, call(tool, arguments))
        assert isinstance(end, Done) is (tries == 2)
        assert len(asked) == tries


async def test_a_wait_that_ends_after_the_deadline_is_not_begun(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "2"})

    async with category(handler, tmp_path) as server:
        began = time.monotonic()
        await fault_of(server, call(deadline=time.time() + 1))
        assert time.monotonic() - began < 0.9
