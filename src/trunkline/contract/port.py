"""The port between gateway and whatever executes a call: in process, a child process, a URL, an upstream MCP server.

`call` yields zero or more events and then exactly one end (`Done` or `Failed`); it never raises a `Fault`. The consumer
pulls, so a slow consumer slows the producer. Closing the iterator early, or `cancel`, gives the call up.
"""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from trunkline.contract.call import AllowedCall, ToolResult
from trunkline.contract.errors import Fact


class Progress(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """Relative progress, as in MCP notifications/progress."""

    call: str
    progress: float
    total: float | None = None
    message: str = ""


class Chunk(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A piece of a long answer, in order; the end follows."""

    call: str
    data: bytes


class Done(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """The typed end: an answer."""

    call: str
    result: ToolResult


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """The typed end: no answer, and why."""

    call: str
    fact: Fact


Event = Progress | Chunk | Done | Failed


class CategoryPort(Protocol):
    """Executes allowed calls. `ticket` is the sealed credential for this one call; empty where none is needed."""

    def call(self, call: AllowedCall, ticket: bytes) -> AsyncIterator[Event]: ...

    async def cancel(self, call_id: str) -> None: ...
