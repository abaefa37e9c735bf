"""Something made when it is first asked for: once for all who ask, and again after it failed."""

import asyncio

import pytest

from trunkline.contract import DatabaseUnavailable
from trunkline.infra.once import Once


class Maker:
    def __init__(self) -> None:
        self.times = 0
        self.away = False
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def make(self) -> int:
        self.times += 1
        await self.go_on.wait()
        if self.away:
            raise DatabaseUnavailable("away")
        return self.times


async def test_all_who_ask_get_the_same() -> None:
    maker = Maker()
    once = Once(maker.make, "made")
    assert once.made is None
    assert await asyncio.gather(once.get(), once.get(), once.get()) == [1, 1, 1]
    assert (await once.get(), once.made) == (1, 1)
    await once.close()


async def test_what_failed_is_made_again_for_who_asks_next() -> None:
    maker = Maker()
    once = Once(maker.make, "made")
    maker.away = True
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await once.get()
    assert once.made is None
    maker.away = False
    assert await once.get() == 3
    await once.close()


async def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    maker = Maker()
    once = Once(maker.make, "made")
    maker.go_on.clear()
    async with asyncio.TaskGroup() as group:
        impatient, patient = group.create_task(once.get()), group.create_task(once.get())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        maker.go_on.set()
    assert patient.result() == 1
    await once.close()


async def test_what_is_being_made_at_the_end_is_given_up() -> None:
    maker = Maker()
    once = Once(maker.make, "made")
    maker.go_on.clear()
    once.begin()
    await asyncio.sleep(0)
    await once.close()
    assert once.made is None
