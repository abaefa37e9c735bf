"""From a request to a reply: whose it is, whether it is right, what comes back. No HTTP in here."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import orjson

from trunkline.contract import Fault as Unloadable
from trunkline.sandbox.answer import Reply
from trunkline.sandbox.faults import Fault, Faults
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.library import Library
from trunkline.sandbox.log import Entry, Log
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation, status_of

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Outcome:
    """A reply with how it is to be sent: `delay` seconds late, or (`drop`) not at all."""

    reply: Reply
    service: str = ""
    operation: str = ""
    violations: tuple[Violation, ...] = ()
    delay: float = 0.0
    drop: bool = False
    fault: bool = False


class Desk:
    """Answers requests of every service of `library`."""

    def __init__(self, library: Library, faults: Faults, log: Log) -> None:
        self._library = library
        self.faults = faults
        self.log = log

    async def answer(self, request: Request) -> Outcome:
        """Never raises for what a caller sends; a description that cannot be had is a 502."""
        started = time.perf_counter()
        outcome = await self._outcome(request)
        self._write(request, outcome, (time.perf_counter() - started) * 1000)
        return outcome

    async def _outcome(self, request: Request) -> Outcome:
        sites = self._library.sites(request.host, request.path)
        if not sites:
            return _refused([Violation("header", "/Host", "host", "the host of a service in the catalog")])
        refused: list[Violation] = []
        faulty: Outcome | None = None
        for site in sites:
            try:
                service = await self._library.service(site)
            except Unloadable as problem:
                return Outcome(_error(502, problem.message), site.service)
            found = service.judge(request)
            if isinstance(found, Violation):
                refused.append(found)
            elif not found.violations:  # several services may share a host and, at AWS, names of operations
                return self._judged(site.service, found)
            else:
                faulty = faulty or self._judged(site.service, found)
        if faulty is not None:
            return faulty
        return _refused(sorted(refused, key=lambda it: it.rule != "method")[:1], sites[0].service)

    def _judged(self, service: str, found: Judgement) -> Outcome:
        fault = self.faults.take(service)
        if fault is not None and fault.fault != "slow":
            return _failed(fault, service, found.operation)
        if found.violations:
            return _refused(found.violations, service, found.operation)
        delay = fault.seconds if fault else 0.0
        return Outcome(found.answer(), service, found.operation, delay=delay, fault=fault is not None)

    def _write(self, request: Request, outcome: Outcome, ms: float) -> None:
        status = outcome.reply.status
        self.log.add(
            Entry(
                number=self.log.next_number(),
                at=time.time(),
                method=request.method,
                host=request.host,
                path=outcome.operation,
                service=outcome.service,
                verdict=_verdict(outcome),
                status=0 if outcome.drop else status,
                ms=round(ms, 3),
                violations=tuple(f"{it.where} {it.pointer}: {it.rule}" for it in outcome.violations),
            )
        )


def _verdict(outcome: Outcome) -> Literal["ok", "rejected", "fault", "unknown"]:
    if outcome.fault:
        return "fault"
    if not outcome.violations:
        return "ok" if outcome.operation else "fault"
    return "rejected" if outcome.operation else "unknown"


def _refused(violations: Sequence[Violation], service: str = "", operation: str = "") -> Outcome:
    status = status_of(violations)
    body = {
        "error": "the request does not fit the description",
        "service": service,
        "operation": operation,
        "violations": violations,
    }
    headers = dict(_JSON)
    if status == 405:
        headers["Allow"] = violations[0].expected.replace(" or ", ", ")
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Outcome(Reply(status, headers, msgspec.json.encode(body)), service, operation, tuple(violations))


def _failed(fault: Fault, service: str, operation: str) -> Outcome:
    if fault.fault == "drop" or isinstance(fault.fault, str):
        return Outcome(Reply(0, {}), service, operation, drop=True, fault=True)
    reply = _error(fault.fault, "a fault that was asked for")
    if fault.fault in (429, 503):
        reply = Reply(reply.status, {**reply.headers, "Retry-After": str(fault.retry_after)}, reply.body)
    return Outcome(reply, service, operation, fault=True)


def _error(status: int, message: str) -> Reply:
    return Reply(status, _JSON, orjson.dumps({"error": message}))
