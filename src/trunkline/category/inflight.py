"""Calls under way: how many, until when, and giving one up."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Final

from trunkline.category.upstream import timed_out
from trunkline.contract import AllowedCall, Cancelled, Done, Failed, Fault, Overloaded, TicketRejected

_SWEEP_SECONDS: Final = 0.1

End = Done | Failed


class _Flight:
    """One call. `fault` is set when it is given up, before its task is cancelled."""

    def __init__(self, call: AllowedCall) -> None:
        self.call = call
        self.task: asyncio.Task[End] | None = None
        self.running = False
        self.fault: Fault | None = None

    def give_up(self, fault: Fault) -> None:
        if self.fault is None and self.task is not None:
            self.fault = fault
            if self.running:  # a task cancelled before its first step would not get to say so
                self.task.cancel()


class InFlight:
    """Runs calls, at most `limit` at a time. One sweep looks after all deadlines, instead of a timer for each call."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._flights: dict[str, _Flight] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._flights)

    def start(self, call: AllowedCall, work: Coroutine[Any, Any, End]) -> asyncio.Task[End]:
        """The task of a call; it ends with `Failed` when the call is late or cancelled, and raises nothing.

        Raises Overloaded when too many are under way, TicketRejected when this call is already.
        """
        refusal = self._refusal(call)
        if refusal is not None:
            work.close()
            raise refusal
        loop = asyncio.get_running_loop()
        flight = self._flights[call.id] = _Flight(call)
        flight.task = loop.create_task(_run(flight, work))
        flight.task.add_done_callback(lambda _: self._flights.pop(call.id))
        if self._sweep is None:
            self._sweep = loop.call_later(_SWEEP_SECONDS, self._end_late)
        return flight.task

    def cancel(self, call_id: str) -> None:
        flight = self._flights.get(call_id)
        if flight is not None:
            flight.give_up(Cancelled("the call was given up"))

    def cancel_all(self) -> None:
        for call_id in tuple(self._flights):
            self.cancel(call_id)

    async def drained(self) -> None:
        """Waits until nothing is under way."""
        while self._flights:
            await asyncio.wait([flight.task for flight in self._flights.values() if flight.task is not None])

    def _refusal(self, call: AllowedCall) -> Fault | None:
        if len(self._flights) >= self._limit:
            return Overloaded(f"{self._limit} calls are under way in {call.category}", "Call again in a moment.")
        if call.id in self._flights:
            return TicketRejected("this call is under way already")
        return None

    def _end_late(self) -> None:
        now = time.time()
        for flight in tuple(self._flights.values()):
            if flight.call.deadline <= now:
                flight.give_up(timed_out(flight.call))
        self._sweep = None
        if self._flights:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._end_late)


async def _run(flight: _Flight, work: Coroutine[Any, Any, End]) -> End:
    flight.running = True
    try:
        if flight.fault is None:
            return await work
        work.close()
    except asyncio.CancelledError:
        pass
    fault = flight.fault or Cancelled("the call was given up")
    return Failed(flight.call.id, fault.fact())
