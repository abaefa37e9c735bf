"""A call that a person makes from a page: as themselves, through the gateway like any other."""

import time

from trunkline.admin.api.connections import principal_of
from trunkline.admin.api.start import Tried
from trunkline.contract import Chunk, Done, Failed, ToolCall, ToolResult
from trunkline.gateway.events import CallContext, each
from trunkline.gateway.gateway import Gateway
from trunkline.gateway.toolset import Caller
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role, reaches
from trunkline.selection.estimate import tokens_of


async def caller_of(gateway: Gateway, by: SignedIn) -> Caller:
    """The person as a caller of `/mcp`; who may only look, only reads."""
    reading = not reaches(by.role, Role.MEMBER)
    return Caller(principal_of(by), await gateway.toolsets.find(by.organization, ""), reading)


async def tried(gateway: Gateway, by: SignedIn, call: ToolCall) -> Tried:
    """Makes `call`. A fault is an answer too: nothing is raised but cancellation."""
    caller = await caller_of(gateway, by)
    began, code, text, note = time.perf_counter(), "internal", "", ""
    reply = await gateway.line.pipeline.call(caller, call, CallContext())
    async for event in each(reply):
        if isinstance(event, Chunk):
            text += event.data.decode(errors="replace")
        elif isinstance(event, Done):
            code, note = ("tool_error" if event.result.is_error else "ok"), _note(event.result)
            text += event.result.text or event.result.mcp.decode(errors="replace")
        elif isinstance(event, Failed):
            code, text = event.fact.code, f"{event.fact.message} {event.fact.hint}".strip()
    spent = tokens_of(f"{text}{note}".encode())
    return Tried(call.name, code, text, (time.perf_counter() - began) * 1000, spent, note)


def _note(result: ToolResult) -> str:
    """What a model is told besides the answer, and of files that they are there."""
    files = [f"[{file.name or 'a file'}, {file.media_type}]" for file in result.files]
    return "\n".join([*files, *([f"[{result.note}]"] if result.note else [])])
