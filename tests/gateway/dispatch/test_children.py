"""Category servers as child processes: started once, stopped when idle, replaced when they die."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import structlog
from aiohttp import web

from tests.category.house import CREATE, call
from tests.gateway.dispatch.house import KEYS, beta_call, children, end_of, misbehaving, pid_of
from tests.support.wait import until_async
from trunkline.contract import Done, Failed, NotFound
from trunkline.gateway.dispatch.child import ChildSettings
from trunkline.gateway.dispatch.children import ChildPorts


async def answers(request: web.BaseRequest) -> web.Response:
    return web.json_response({"path": request.raw_path})


class Gate:
    """A service that answers when told to, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.asked += 1
        await self.open.wait()
        return web.json_response({"asked": self.asked})


async def eventually(look: Callable[[], bool], what: str, seconds: float = 5) -> None:
    async def looked() -> bool:
        return look()

    await until_async(looked, seconds, what)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def state_of(ports: ChildPorts, category: str = "code") -> str:
    return next(state.state for state in ports.states() if state.category == category)


async def test_the_first_call_starts_the_process_and_the_next_uses_it(tmp_path: Path) -> None:
    async with children(answers, tmp_path) as ports:
        assert {state.state for state in ports.states()} == {"down"}
        end = await end_of(ports, call())
        assert isinstance(end, Done)
        assert end.result.text == '{"path":"/v1/items/7"}'
        pid = pid_of(ports)
        assert isinstance(await end_of(ports, call()), Done)
        (state,) = [state for state in ports.states() if state.category == "code"]
        assert (state.state, state.pid, state.calls, state.restarts, state.in_flight) == ("up", pid, 2, 0, 0)
        assert 10_000_000 < state.rss_bytes < 150_000_000
    assert gone(pid)


async def test_many_calls_at_once_share_one_start_and_one_process(tmp_path: Path) -> None:
    before = set(psutil.Process().children())  # other tests' programs
    async with children(answers, tmp_path) as ports:
        ends = await asyncio.gather(*(end_of(ports, call(arguments={"id": f"n{i}"})) for i in range(50)))
        texts = [end.result.text for end in ends if isinstance(end, Done)]
        assert texts == [f'{{"path":"/v1/items/n{i}"}}' for i in range(50)]
        assert len(set(psutil.Process().children()) - before) == 1


async def test_a_warmed_category_is_up_before_its_first_call(tmp_path: Path) -> None:
    async with children(answers, tmp_path) as ports:
        ports.warm(["code", "comms", "unknown"])
        assert state_of(ports) == "starting"
        await eventually(lambda: state_of(ports) == state_of(ports, "comms") == "up", "both to be up")
        with pytest.raises(NotFound):
            ports.of("unknown")


async def test_kill_9_on_one_leaves_the_other_untouched_and_the_next_call_works(tmp_path: Path) -> None:
    async with children(answers, tmp_path) as ports:
        await end_of(ports, call())
        await end_of(ports, beta_call())
        first, other = pid_of(ports), pid_of(ports, "comms")
        os.kill(first, signal.SIGKILL)
        started = time.monotonic()
        assert isinstance(await end_of(ports, call()), Done)
        assert time.monotonic() - started < 10
        assert isinstance(await end_of(ports, beta_call()), Done)
        assert pid_of(ports) != first
        assert pid_of(ports, "comms") == other
        assert [state.restarts for state in ports.states() if state.category in ("code", "comms")] == [1, 0]


async def test_a_read_under_way_when_its_process_dies_is_sent_again_once(tmp_path: Path) -> None:
    gate = Gate()
    async with children(gate, tmp_path) as ports:
        task = asyncio.create_task(end_of(ports, call()))
        await eventually(lambda: gate.asked == 1, "the service to be asked")
        os.kill(pid_of(ports), signal.SIGKILL)
        await eventually(lambda: gate.asked == 2, "the service to be asked again")
        gate.open.set()
        assert isinstance(await task, Done)


async def test_a_write_under_way_when_its_process_dies_ends_at_once_and_is_not_repeated(tmp_path: Path) -> None:
    gate = Gate()
    async with children(gate, tmp_path) as ports:
        task = asyncio.create_task(end_of(ports, call(CREATE.name, {"title": "t"})))
        await eventually(lambda: gate.asked == 1, "the service to be asked")
        os.kill(pid_of(ports), signal.SIGKILL)
        async with asyncio.timeout(10):
            end = await task
        assert isinstance(end, Failed)
        assert (end.fact.code, end.fact.retryable) == ("category_unavailable", False)
        assert "may or may not" in end.fact.hint
        gate.open.set()
        assert isinstance(await end_of(ports, call()), Done)
        assert gate.asked == 2


async def test_a_process_without_calls_is_stopped_and_started_again_by_the_next(tmp_path: Path) -> None:
    async with children(answers, tmp_path, ChildSettings(idle_seconds=0.3)) as ports:
        await end_of(ports, call())
        pid = pid_of(ports)
        await eventually(lambda: state_of(ports) == "down" and gone(pid), "the idle process to end")
        assert isinstance(await end_of(ports, call()), Done)
        assert [state.restarts for state in ports.states() if state.category == "code"] == [0]


async def test_a_process_with_a_long_call_is_not_idle(tmp_path: Path) -> None:
    gate = Gate()
    async with children(gate, tmp_path, ChildSettings(idle_seconds=0.2)) as ports:
        task = asyncio.create_task(end_of(ports, call()))
        await eventually(lambda: gate.asked == 1, "the service to be asked")
        await asyncio.sleep(0.6)
        assert state_of(ports) == "up"
        gate.open.set()
        assert isinstance(await task, Done)


async def test_a_hanging_process_is_killed_and_its_reads_go_to_the_next(tmp_path: Path) -> None:
    async with children(answers, tmp_path, ChildSettings(ping_seconds=0.1, hang_seconds=0.3)) as ports:
        await end_of(ports, call())
        pid = pid_of(ports)
        os.kill(pid, signal.SIGSTOP)
        assert isinstance(await end_of(ports, call()), Done)
        assert pid_of(ports) != pid
        assert gone(pid)


async def test_closing_lets_a_call_under_way_end(tmp_path: Path) -> None:
    gate = Gate()
    async with children(gate, tmp_path) as ports:
        task = asyncio.create_task(end_of(ports, call()))
        await eventually(lambda: gate.asked == 1, "the service to be asked")
        closing = asyncio.create_task(ports.close())
        await asyncio.sleep(0.1)
        gate.open.set()
        assert isinstance(await task, Done)
        await closing


async def test_a_cancelled_call_is_given_up_by_its_process(tmp_path: Path) -> None:
    cancelled = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.Response:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return web.Response()

    async with children(handler, tmp_path) as ports:
        allowed = call()
        task = asyncio.create_task(end_of(ports, allowed))
        await eventually(lambda: any(state.in_flight for state in ports.states()), "the call to be under way")
        await asyncio.sleep(0.2)
        await ports.of("code").cancel(allowed.id)
        end = await task
        assert isinstance(end, Failed)
        assert end.fact.code == "cancelled"
        async with asyncio.timeout(10):
            await cancelled.wait()


async def test_a_consumer_that_goes_away_gives_the_call_up(tmp_path: Path) -> None:
    cancelled = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.Response:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return web.Response()

    async with children(handler, tmp_path) as ports:
        task = asyncio.create_task(end_of(ports, call()))
        await eventually(lambda: any(state.in_flight for state in ports.states()), "the call to be under way")
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(10):
            await cancelled.wait()
        assert not any(state.in_flight for state in ports.states())


async def test_too_many_calls_at_once_are_refused_at_once(tmp_path: Path) -> None:
    gate = Gate()
    async with children(gate, tmp_path, ChildSettings(in_flight=2)) as ports:
        tasks = [asyncio.create_task(end_of(ports, call())) for _ in range(2)]
        await eventually(lambda: gate.asked == 2, "the service to be asked")
        end = await end_of(ports, call())
        assert isinstance(end, Failed)
        assert end.fact.code == "overloaded"
        gate.open.set()
        assert all(isinstance(end, Done) for end in await asyncio.gather(*tasks))


async def test_a_process_that_ends_at_its_start_is_reported_and_not_started_over_and_over(tmp_path: Path) -> None:
    async with misbehaving(ChildSettings(), tmp_path) as ports:
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                end = await end_of(ports, call())
                assert isinstance(end, Failed)
                assert (end.fact.code, end.fact.retryable) == ("category_unavailable", True)
                assert "exit code 3" in end.fact.message
            assert state_of(ports) == "failing"
        assert sum(log["event"] == "category server did not start" for log in logs) == 2
        assert any(log["event"] == "this is code, misbehaving" and log["category"] == "code" for log in logs)


async def test_a_process_that_never_says_hello_is_given_up(tmp_path: Path) -> None:
    before = set(psutil.Process().children())  # other tests' programs
    async with misbehaving(ChildSettings(start_seconds=0.5), tmp_path) as ports:
        end = await end_of(ports, beta_call())
        assert isinstance(end, Failed)
        assert end.fact.code == "category_unavailable"
        assert not set(psutil.Process().children()) - before


async def test_a_process_that_dies_at_every_call_costs_a_call_two_tries(tmp_path: Path) -> None:
    async with misbehaving(ChildSettings(), tmp_path) as ports:
        end = await end_of(ports, call(category="ai"))
        assert isinstance(end, Failed)
        assert (end.fact.code, end.fact.retryable) == ("category_unavailable", True)
        assert next(state.restarts for state in ports.states() if state.category == "ai") == 2


async def test_a_process_that_takes_calls_and_never_answers_is_killed(tmp_path: Path) -> None:
    async with misbehaving(ChildSettings(ping_seconds=0.1, hang_seconds=0.2), tmp_path) as ports:
        async with asyncio.timeout(20):
            end = await end_of(ports, call(CREATE.name, {"title": "t"}, category="pm"))
        assert isinstance(end, Failed)
        assert end.fact.code == "category_unavailable"


async def test_a_process_is_told_no_secret_where_others_can_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_CANARY", "canary")
    async with children(answers, tmp_path) as ports:
        await end_of(ports, call())
        process = psutil.Process(pid_of(ports))
        seen = f"{process.environ()} {process.cmdline()}"
    assert "canary" not in seen
    assert "TRUNKLINE" not in seen
    assert bytes(KEYS["code"]).hex() not in seen


async def test_memory_for_calls_that_ended_is_given_back(tmp_path: Path) -> None:
    async with children(answers, tmp_path) as ports:
        await asyncio.gather(*(end_of(ports, call()) for _ in range(100)))
        before = psutil.Process().memory_info().rss
        for _ in range(10):
            await asyncio.gather(*(end_of(ports, call()) for _ in range(100)))
        assert not any(state.in_flight for state in ports.states())
        assert psutil.Process().memory_info().rss - before < 20_000_000
