"""Asks a service whether a connection is good: its verify call, made like any other."""

from trunkline.connections.verify import Verdict, whose
from trunkline.contract import Done, Failed, InvalidArguments, Principal, Service, ToolCall
from trunkline.gateway.events import CallContext, each
from trunkline.gateway.toolset import Caller
from trunkline.programs.assembly import Assembly


async def verified(assembly: Assembly, principal: Principal, service: Service) -> Verdict:
    """Raises InvalidArguments where the service has no such call."""
    if not service.verify:
        raise InvalidArguments(
            f"{service.title} has no call that says whether a credential is good.", "Call a tool of it."
        )
    caller = Caller(principal, await assembly.gateway.toolsets.find(principal.organization, ""))
    pipeline = assembly.gateway.line.pipeline
    async for event in each(await pipeline.call(caller, ToolCall(service.verify, b"{}"), CallContext())):
        if isinstance(event, Done):
            text = event.result.text
            return Verdict(
                service.id, not event.result.is_error, whose(text), text[:200] if event.result.is_error else ""
            )
        if isinstance(event, Failed):
            return Verdict(service.id, False, reason=f"{event.fact.message} {event.fact.hint}".strip())
    return Verdict(service.id, False, reason="there was no answer")
