"""A call that a person makes from a page: as themselves, through the gateway like any other."""

import time

from trunkline.admin.api.connections import principal_of
from trunkline.admin.api.start import Tried
from trunkline.contract import Chunk, Done, Failed, ToolCall
from trunkline.gateway.events import CallContext, each
from trunkline.gateway.gateway import Gateway
from trunkline.gateway.toolset import Caller
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches


async def tried(gateway: Gateway, by: SignedIn, tool: str) -> Tried:
    """Calls `tool` without arguments. A fault is an answer too: nothing is raised but cancellation."""
    reading = not reaches(by.role, Role.MEMBER)
    caller = Caller(principal_of(by), await gateway.toolsets.find(by.organization, ""), reading)
    began, code, text = time.perf_counter(), "internal", ""
    reply = await gateway.line.pipeline.call(caller, ToolCall(tool, b"{}"), CallContext())
    async for event in each(reply):
        if isinstance(event, Chunk):
            text += event.data.decode(errors="replace")
        elif isinstance(event, Done):
            code, text = ("tool_error" if event.result.is_error else "ok"), text + event.result.text
        elif isinstance(event, Failed):
            code, text = event.fact.code, f"{event.fact.message} {event.fact.hint}".strip()
    return Tried(tool, code, text, (time.perf_counter() - began) * 1000)
