"""One call under way: its deadline, and its rows in the audit log."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from trunkline.contract import (
    AllowedCall,
    Cancelled,
    Done,
    Failed,
    Fault,
    Internal,
    Principal,
    ToolResult,
    UpstreamFailed,
    UpstreamTimeout,
)
from trunkline.gateway.events import ENDS, End, LaneEvent, ProtocolError, close
from trunkline.gateway.sweep import Sweep
from trunkline.gateway.timings import Stages, Timings
from trunkline.gateway.toolset import Caller
from trunkline.gateway.view import with_way_on
from trunkline.gateway.work import Works

_log = logging.getLogger(__name__)

_NO_RESULT: Final = ToolResult()
_GRACE: Final = 1.0  # seconds after the deadline in which whoever executes the call may still say so itself


class Audit(Protocol):
    """Implemented by `gateway.audit`."""

    @property
    def writable(self) -> bool:
        """False while rows cannot be written, and calls are refused."""
        ...

    async def intent(self, call: AllowedCall, toolset: str = "") -> None:
        """Raises AuditUnavailable: then the call must not be made."""
        ...

    def outcome(self, call_id: str, code: str, status: int, ms: float) -> None: ...

    def refused(self, principal: Principal, tool: str, code: str, toolset: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Records:
    """Where a call is written down: for good, for a look at the latest, and for what its task costs."""

    audit: Audit
    timings: Timings
    works: Works


def _nobody(_end: End) -> None:
    return


class Flight:
    """An intent before the call and one outcome however it ends, or a refusal; a timeout when `seconds` are over.

    To be used by one task: a call out of time is ended by cancelling that task's wait.
    """

    __slots__ = (
        "_allowed", "_asked", "_audit", "_begun", "_caller", "_late", "_seconds", "_sweep", "_task", "_timings",
        "at", "direct", "id", "told", "tool",
    )  # fmt: skip

    def __init__(self, id: str, caller: Caller, tool: str, records: Records, sweep: Sweep, seconds: float) -> None:
        self.id = id
        self.tool = tool
        self.direct = True  # the tool was called by its own name
        self.told: Callable[[End], None] = _nobody  # is told how the call ended
        self.at = 0.0
        self._caller = caller
        self._audit = records.audit
        self._timings = records.timings
        self._sweep = sweep
        self._seconds = seconds
        self._late = False
        self._asked = time.perf_counter()
        self._allowed = 0.0
        self._begun = 0.0  # 0: nothing was sent anywhere, or the outcome is written
        sweep.set(self, seconds + _GRACE)
        self._task = sweep.task()

    async def begin(self, allowed: AllowedCall) -> None:
        self._allowed = time.perf_counter()
        await self._audit.intent(allowed, self._caller.toolset.name)
        self._begun = time.perf_counter()

    def turned_away(self, code: str) -> None:
        """The call is answered without being made: with a question, say."""
        self._refused(code)

    def allow_more(self, seconds: float) -> None:
        """The call's time begins anew, `seconds` from now: it waits for a person."""
        self._sweep.set(self, self._seconds + seconds)

    async def follow(self, events: AsyncIterator[LaneEvent]) -> AsyncGenerator[LaneEvent, None]:
        """The events, up to exactly one end. Raises nothing but cancellation."""
        try:
            async for event in events:
                self.saw(event)
                yield with_way_on(event, direct=self.direct) if isinstance(event, Done) else event
            if self._begun:
                raise UpstreamFailed(f"{self.tool} ended without an answer.")
        except BaseException as error:  # noqa: BLE001 - cancellation is raised again
            yield self.broken(error)
        finally:
            if self._begun:
                await close(events)
            self.over()

    def saw(self, event: LaneEvent) -> None:
        """Writes the outcome if `event` is an end: before it is passed on, so that no answer is without its row."""
        if isinstance(event, Done):
            self._outcome("tool_error" if event.result.is_error else "ok", event.result)
        elif isinstance(event, Failed):
            self._outcome(event.fact.code)
        elif isinstance(event, ProtocolError):
            self._outcome("protocol_error")
        if isinstance(event, ENDS):
            self.told(event)

    def landed(self, end: End) -> None:
        """The call is over, and this is its end."""
        self._sweep.drop(self)
        self.saw(end)

    def broken(self, error: BaseException) -> Failed:
        """The end that `error` is; a cancellation that is not this deadline's is raised again."""
        if isinstance(error, Fault):
            return self._failed(error)
        if isinstance(error, Exception):
            _log.error("call %s of %s failed", self.id, self.tool, exc_info=error)
            return self._failed(Internal(f"{self.tool} failed."))
        if isinstance(error, asyncio.CancelledError) and self._is_late():
            return self._failed(UpstreamTimeout(f"{self.tool} did not answer within {self._seconds:g} s."))
        raise error

    def over(self) -> None:
        """The call is over; if no end was seen, its caller gave it up."""
        self._sweep.drop(self)
        self._outcome(Cancelled.code)

    def act(self) -> None:
        """The deadline has passed."""
        self._late = True
        if self._task is not None:
            self._task.cancel()

    def _is_late(self) -> bool:
        """Whether the cancellation just caught is this deadline's, and nobody else's too."""
        return self._late and self._task is not None and self._task.uncancel() == 0

    def _failed(self, fault: Fault) -> Failed:
        """The end that says `fault`; its row is written."""
        if self._begun:
            self._outcome(fault.code)
        else:
            self._refused(fault.code)
        end = Failed(self.id, fault.fact())
        self.told(end)
        return end

    def _refused(self, code: str) -> None:
        self._audit.refused(self._caller.principal, self.tool, code, self._caller.toolset.name)

    def _outcome(self, code: str, result: ToolResult = _NO_RESULT) -> None:
        if self._begun:
            ms = (time.perf_counter() - self._begun) * 1000
            self._audit.outcome(self.id, code, result.status, ms)
            allow, record = self._allowed - self._asked, self._begun - self._allowed
            upstream = min(result.upstream_ms, ms)
            self._timings.note(self.id, Stages(allow * 1000, record * 1000, upstream, ms - upstream))
            self._begun = 0.0
