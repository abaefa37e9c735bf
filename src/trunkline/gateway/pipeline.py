"""One tools/call, in a straight line:

    toolset -> resolve -> policy -> audit intent -> seal, dispatch -> audit outcome

Every fault becomes the call's typed end (`flight`); what nobody expected is logged, and shown as `Internal`.
"""

import itertools
import secrets
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from trunkline.contract import LONGEST_NAME, AllowedCall, Done, NeedsConnection, ToolCall, ToolResult
from trunkline.gateway.events import ENDS, CallContext, LaneEvent, Reply, each
from trunkline.gateway.flight import Flight, Records
from trunkline.gateway.inviting import PATIENCE, Inviting, opens_urls
from trunkline.gateway.meta.definitions import DESCRIBE
from trunkline.gateway.reach import Reach
from trunkline.gateway.sweep import Sweep
from trunkline.gateway.toolset import Caller, Target, Toolsets
from trunkline.gateway.view import of_direct
from trunkline.gateway.work import Work
from trunkline.policy import Asked

_READ_ONLY: Final = "call_read_tool"  # the meta-tool whose calls must not change anything


class Pipeline:
    """Makes calls. `seconds` is the time allowed for one."""

    def __init__(
        self, toolsets: Toolsets, reach: Reach, inviting: Inviting, records: Records, sweep: Sweep, seconds: float
    ) -> None:
        self._toolsets = toolsets
        self._reach = reach
        self._inviting = inviting
        self._records = records
        self._sweep = sweep
        self._seconds = seconds
        self._prefix = secrets.token_hex(6)  # per process: no two processes mint the same id
        self._numbers = itertools.count(1)

    async def call(self, caller: Caller, call: ToolCall, context: CallContext, found: Target | None = None) -> Reply:
        """The call's end, or its events and exactly one end. Raises nothing but cancellation.

        `found` is the tool of `call`, where that is known already. To be awaited, and read to its end, by one task.
        """
        id = f"{self._prefix}-{next(self._numbers):x}"
        flight = Flight(id, caller, call.name[:LONGEST_NAME], self._records, self._sweep, self._seconds)
        try:
            reply = await self._make(flight, caller, call, context, found)
        except BaseException as error:  # noqa: BLE001 - cancellation is raised again
            try:
                return flight.broken(error)
            finally:
                flight.over()
        if isinstance(reply, ENDS):
            flight.landed(reply)
            return reply
        return flight.follow(reply)

    async def _make(
        self, flight: Flight, caller: Caller, call: ToolCall, context: CallContext, found: Target | None
    ) -> Reply:
        inner, work = call, self._records.works.of(caller, context)
        if call.name in self._toolsets.meta.names and caller.toolset.searchable:
            schemas = call.name == DESCRIBE
            flight.told = partial(self._records.works.discovered, work, call.arguments, schemas=schemas)
            beneath = await self._beneath(caller, call, work)
            if isinstance(beneath, ToolResult):
                return Done(flight.id, beneath)
            inner, found = beneath, None
            flight.tool, flight.direct = inner.name[:LONGEST_NAME], False
        flight.told = partial(self._records.works.called, work, flight.tool, call.arguments)
        target = await self._toolsets.target(caller.toolset, inner.name, found)
        if flight.direct and not target.upstream:
            inner = of_direct(inner)
        until = time.time() + self._seconds
        asked = _asked(flight.id, caller, target, inner, until, read_only=call.name == _READ_ONLY)
        try:
            allowed = await self._reach.allow(asked)
        except NeedsConnection as fault:
            return await self._invited(flight, asked, target, context, fault)
        await flight.begin(allowed)
        return await self._reach.make(asked, allowed, target, context)

    async def _invited(
        self, flight: Flight, asked: Asked, target: Target, context: CallContext, fault: NeedsConnection
    ) -> Reply:
        """The call's end, or a question to its client, after which it goes on. Raises NeedsConnection with the link."""
        invitation = self._inviting.invitation(asked, fault)
        if not opens_urls(context):
            raise invitation.told()
        if not context.modern:
            flight.allow_more(PATIENCE)
            return self._inviting.ask(asked, invitation, partial(self._go_on, flight, asked, target, context))
        answer = await self._inviting.again(asked, context, invitation)
        if isinstance(answer, bytes):
            flight.turned_away(fault.code)
            return Done(flight.id, ToolResult(mcp=answer))
        await flight.begin(answer)
        return await self._reach.make(asked, answer, target, context)

    async def _go_on(
        self, flight: Flight, asked: Asked, target: Target, context: CallContext, allowed: AllowedCall
    ) -> AsyncIterator[LaneEvent]:
        flight.allow_more(0.0)
        await flight.begin(allowed)
        async for event in each(await self._reach.make(asked, allowed, target, context)):
            yield event

    async def _beneath(self, caller: Caller, call: ToolCall, work: Work) -> ToolCall | ToolResult:
        """The answer of a meta-tool, or the call inside a call_tool."""
        meta = self._toolsets.meta
        inner = meta.unwrap(call.name, call.arguments)
        return inner if inner is not None else await meta.run(call.name, call.arguments, caller, work)


def _asked(id: str, caller: Caller, target: Target, call: ToolCall, until: float, *, read_only: bool) -> Asked:
    spec, service = target.spec, target.service
    return Asked(id, caller.principal, spec, service, call.arguments, until, read_only, call.view, caller.reading)
