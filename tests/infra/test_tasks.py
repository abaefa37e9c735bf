import asyncio
import logging

import pytest

from trunkline.infra.tasks import Tasks


async def test_a_task_is_held_until_it_ends() -> None:
    tasks = Tasks()
    gate = asyncio.Event()
    task = tasks.start(gate.wait(), "gate")
    await asyncio.sleep(0)
    assert len(tasks) == 1
    gate.set()
    assert await task is True
    assert len(tasks) == 0


async def test_a_failure_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("made up")

    tasks = Tasks()
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="made up"):
        await tasks.start(fail(), "failing")
    assert "background task failing failed" in caplog.text


async def test_closing_cancels_what_still_runs_and_waits_for_it() -> None:
    ended = asyncio.Event()

    async def clean_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks = Tasks()
    task = tasks.start(clean_up(), "endless")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended.is_set()
    assert task.cancelled()
    assert len(tasks) == 0
