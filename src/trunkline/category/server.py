"""One category server: takes allowed calls with their tickets, and answers each with exactly one end.

The straight line: ticket -> tool -> arguments -> executor -> answer.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from trunkline.catalog import Catalog
from trunkline.category.aws.executor import AwsExecutor
from trunkline.category.executor import Executor, Means
from trunkline.category.graphql import GraphQlExecutor
from trunkline.category.http import HttpExecutor
from trunkline.category.inflight import End, InFlight
from trunkline.category.opened import OpenedModules
from trunkline.category.python import PythonExecutor
from trunkline.category.shape import BUDGET_BYTES
from trunkline.category.upstream import Upstream, timed_out
from trunkline.category.validate import ArgumentsValidator
from trunkline.connections.ticket import Opener
from trunkline.contract import (
    AllowedCall,
    AwsPlan,
    Done,
    Event,
    Failed,
    Fault,
    GraphQlPlan,
    Internal,
    InvalidManifest,
    Plan,
    PythonPlan,
    Service,
    TicketRejected,
    ToolResult,
    ToolSpec,
)

_PREPARED_TOOLS: Final = 2_000
_log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one category server."""

    in_flight: int = 512
    answer_budget_bytes: int = BUDGET_BYTES


class _Tool:
    """What a tool's calls have in common, worked out on its first call."""

    def __init__(self, service: Service, spec: ToolSpec, means: Means) -> None:
        self.executor = _executor(service, spec, means)
        self.validator = ArgumentsValidator(spec.input_schema, self.executor.arguments)


class CategoryServer:
    """A `CategoryPort`, for the calls of one category."""

    def __init__(
        self, category: str, catalog: Catalog, opener: Opener, upstream: Upstream, limits: Limits | None = None
    ) -> None:
        self.category = category
        self._catalog = catalog
        self._opener = opener
        limits = limits or Limits()
        self._means = Means(upstream, OpenedModules(upstream), limits.answer_budget_bytes)
        self._tools: dict[str, _Tool] = {}
        self._in_flight = InFlight(limits.in_flight)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    async def call(self, call: AllowedCall, ticket: bytes) -> AsyncIterator[Event]:
        try:
            task = self.begin(call, ticket)
        except Fault as fault:
            yield Failed(call.id, fault.fact())
            return
        try:
            yield await asyncio.shield(task)
        finally:
            self._in_flight.cancel(call.id)

    def begin(self, call: AllowedCall, ticket: bytes) -> asyncio.Task[End]:
        """The call's task, which ends with its end and raises nothing. Raises Overloaded, TicketRejected."""
        return self._in_flight.start(call, self._run(call, ticket))

    async def cancel(self, call_id: str) -> None:
        self.give_up(call_id)

    def give_up(self, call_id: str) -> None:
        self._in_flight.cancel(call_id)

    async def drained(self) -> None:
        """Waits until nothing is under way."""
        await self._in_flight.drained()

    async def close(self) -> None:
        """Gives up what is under way and closes the connections to services."""
        self._in_flight.cancel_all()
        await self._in_flight.drained()
        await self._means.modules.close()
        await self._means.upstream.close()

    async def _run(self, call: AllowedCall, ticket: bytes) -> End:
        try:
            return Done(call.id, await self._answer(call, ticket))
        except Fault as fault:
            return Failed(call.id, fault.fact())
        except Exception:  # noqa: BLE001 - the boundary of the process: a bug ends its call, not the server
            _log.exception("call %s of %s failed", call.id, call.tool)
            return Failed(call.id, Internal("the category server failed on this call").fact())

    async def _answer(self, call: AllowedCall, ticket: bytes) -> ToolResult:
        credential = self._opener.open(call, ticket)
        if call.category != self.category:
            raise TicketRejected(f"this is the category {self.category}, not {call.category}")
        if call.deadline <= time.time():
            raise timed_out(call)
        tool = self._tools.get(call.tool) or await self._prepare(call)
        return await tool.executor.execute(tool.validator.parse(call.arguments), call, credential)

    async def _prepare(self, call: AllowedCall) -> _Tool:
        """Loads the tool's row. Raises NotFound, InvalidManifest; TicketRejected if the call misnames its service."""
        spec = await self._catalog.tool(call.tool)
        if spec.service != call.service or spec.category != call.category:
            raise TicketRejected(f"{call.tool} is not a tool of {call.service}")
        if len(self._tools) >= _PREPARED_TOOLS:
            del self._tools[next(iter(self._tools))]
        tool = self._tools[call.tool] = _Tool(self._catalog.services[spec.service], spec, self._means)
        return tool


def _executor(service: Service, spec: ToolSpec, means: Means) -> Executor:
    """Each kind of plan and who executes it. Raises InvalidManifest if the plan cannot be executed."""
    match spec.plan:
        case Plan() as plan:
            return HttpExecutor(service, spec, plan, means)
        case AwsPlan() as plan:
            return AwsExecutor(service, spec, plan, means)
        case GraphQlPlan() as plan:
            return GraphQlExecutor(service, spec, plan, means)
        case PythonPlan() as plan:
            return PythonExecutor(spec, plan, means)
        case None:
            raise InvalidManifest(f"{spec.name} has no plan")
