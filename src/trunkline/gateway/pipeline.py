"""One tools/call, in a straight line:

    toolset -> resolve -> policy -> audit intent -> seal, dispatch -> audit outcome

Every fault becomes the call's typed end; what nobody expected is caught here, logged, and shown as `Internal`.
"""

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final, Protocol

from trunkline.contract import (
    LONGEST_NAME,
    AllowedCall,
    Cancelled,
    Done,
    Failed,
    Fault,
    Internal,
    Principal,
    ToolCall,
    ToolResult,
    UpstreamFailed,
    UpstreamTimeout,
)
from trunkline.gateway.events import CallContext, LaneEvent, ProtocolError
from trunkline.gateway.reach import Reach, close
from trunkline.gateway.sweep import Sweep
from trunkline.gateway.toolset import Caller, Target, Toolsets
from trunkline.gateway.view import of_direct, with_way_on
from trunkline.policy import Asked

_log = logging.getLogger(__name__)

_READ_ONLY: Final = "call_read_tool"  # the meta-tool whose calls must not change anything
_GRACE: Final = 1.0  # seconds after the deadline in which whoever executes the call may still say so itself


class Audit(Protocol):
    """Implemented by `gateway.audit`."""

    @property
    def writable(self) -> bool:
        """False while rows cannot be written, and calls are refused."""
        ...

    async def intent(self, call: AllowedCall) -> None:
        """Raises AuditUnavailable: then the call must not be made."""
        ...

    def outcome(self, call_id: str, code: str, status: int, ms: float) -> None: ...

    def refused(self, principal: Principal, tool: str, code: str) -> None: ...


class Pipeline:
    """Makes calls. `seconds` is the time allowed for one."""

    def __init__(self, toolsets: Toolsets, reach: Reach, audit: Audit, sweep: Sweep, seconds: float) -> None:
        self._toolsets = toolsets
        self._reach = reach
        self._audit = audit
        self._sweep = sweep
        self._seconds = seconds
        prefix = secrets.token_hex(6)  # per process: no two processes mint the same id
        self._ids = (f"{prefix}-{number:x}" for number in itertools.count(1))

    async def call(
        self, caller: Caller, call: ToolCall, context: CallContext, found: Target | None = None
    ) -> AsyncGenerator[LaneEvent, None]:
        """The call's events, and exactly one end. Raises nothing but cancellation.

        `found` is the tool of `call`, where that is known already. To be consumed by one task: a call past its deadline
        is ended by cancelling that task's wait.
        """
        trail = Trail(self._audit, next(self._ids), caller.principal, call.name[:LONGEST_NAME])
        expiry = Expiry(self._sweep, self._seconds + _GRACE)
        events: AsyncIterator[LaneEvent] | None = None
        try:
            inner = await self._beneath(caller, call) if self._leads_on(caller, call) else call
            if isinstance(inner, ToolResult):
                yield Done(trail.id, inner)
                return
            trail.tool = inner.name[:LONGEST_NAME]
            direct = inner is call
            target = await self._toolsets.target(caller.toolset, inner.name, found if direct else None)
            if direct and not target.upstream:
                inner = of_direct(inner)
            until = time.time() + self._seconds
            asked = _asked(trail.id, caller.principal, target, inner, until, read_only=call.name == _READ_ONLY)
            allowed = await self._reach.allow(asked)
            await trail.begin(allowed)
            events = self._reach.events(asked, allowed, target, context)
            async for event in events:
                trail.saw(event)
                yield with_way_on(event, direct=direct) if isinstance(event, Done) else event
            if trail.open:
                raise UpstreamFailed(f"{call.name} ended without an answer.")
        except asyncio.CancelledError:
            if not expiry.was_it():
                raise
            yield trail.failed(UpstreamTimeout(f"{call.name} did not answer within {self._seconds:g} s."))
        except Fault as fault:
            yield trail.failed(fault)
        except Exception:  # noqa: BLE001 - the one boundary: a bug of ours must not end the connection
            _log.exception("call %s of %s failed", trail.id, call.name)
            yield trail.failed(Internal(f"{call.name} failed."))
        finally:
            expiry.over()
            if trail.open:
                await close(events)
                trail.close()

    def _leads_on(self, caller: Caller, call: ToolCall) -> bool:
        """Whether `call` is of a meta-tool."""
        return call.name in self._toolsets.meta.names and caller.toolset.members is None

    async def _beneath(self, caller: Caller, call: ToolCall) -> ToolCall | ToolResult:
        """The answer of a meta-tool, or the call inside a call_tool."""
        meta = self._toolsets.meta
        inner = meta.unwrap(call.name, call.arguments)
        return inner if inner is not None else await meta.run(call.name, call.arguments, caller.principal)


def _asked(id: str, caller: Principal, target: Target, call: ToolCall, until: float, *, read_only: bool) -> Asked:
    return Asked(id, caller, target.spec, target.service, call.arguments, until, read_only, call.view)


class Expiry:
    """Ends the wait of the current task when a call is out of time, and tells that apart from a cancellation."""

    __slots__ = ("_alarm", "_fired", "_task")

    def __init__(self, sweep: Sweep, seconds: float) -> None:
        self._fired = False
        self._alarm = sweep.alarm(seconds, self._fire)
        self._task = sweep.task()

    def was_it(self) -> bool:
        """Whether the CancelledError just caught is this expiry's, and nobody else's too."""
        return self._fired and self._task is not None and self._task.uncancel() == 0

    def over(self) -> None:
        self._alarm.cancel()

    def _fire(self) -> None:
        self._fired = True
        if self._task is not None:
            self._task.cancel()


class Trail:
    """The audit rows of one call: an intent before it, and one outcome however it ends; or a refusal."""

    __slots__ = ("_audit", "_begun", "_principal", "id", "tool")

    def __init__(self, audit: Audit, id: str, principal: Principal, tool: str) -> None:
        self.id = id
        self._audit = audit
        self._principal = principal
        self.tool = tool
        self._begun = 0.0  # 0: nothing was sent anywhere, or the outcome is written

    @property
    def open(self) -> bool:
        """Something was sent, and no end was seen yet."""
        return bool(self._begun)

    async def begin(self, allowed: AllowedCall) -> None:
        await self._audit.intent(allowed)
        self._begun = time.perf_counter()

    def saw(self, event: LaneEvent) -> None:
        """Writes the outcome if `event` is an end: before it is passed on, so that no answer is without its row."""
        if isinstance(event, Done):
            self._outcome("tool_error" if event.result.is_error else "ok", event.result.status)
        elif isinstance(event, Failed):
            self._outcome(event.fact.code)
        elif isinstance(event, ProtocolError):
            self._outcome("protocol_error")

    def failed(self, fault: Fault) -> Failed:
        """The end that says `fault`; its row is written."""
        if self._begun:
            self._outcome(fault.code)
        else:
            self._audit.refused(self._principal, self.tool, fault.code)
        return Failed(self.id, fault.fact())

    def close(self) -> None:
        """The call is over; if no end was seen, its caller gave it up."""
        self._outcome(Cancelled.code)

    def _outcome(self, code: str, status: int = 0) -> None:
        if self._begun:
            self._audit.outcome(self.id, code, status, (time.perf_counter() - self._begun) * 1000)
            self._begun = 0.0
