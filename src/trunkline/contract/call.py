"""A call on its way: asked (`ToolCall`), allowed (`AllowedCall`), answered (`ToolResult`)."""

import msgspec

from trunkline.contract.effect import Effect

CURSOR_PREFIX = "tl~"
"""Tells a cursor of ours from one of a service."""


class View(msgspec.Struct, frozen=True, array_like=True):
    """How much of an answer is wanted, and where to go on. It changes what is shown, never what a call does."""

    fields: tuple[str, ...] = ()  # dotted names; ("*",): all, as the service sent it; empty: what the tool keeps
    limit: int = 0  # items, over as many pages as that takes; 0: one page
    cursor: str = ""  # `ToolResult.cursor` of the same call, to go on behind its answer
    tokens: int = 0  # about how large the answer may be; 0: as settings say


class ToolCall(msgspec.Struct, frozen=True):
    """What a client asks for. `arguments` is JSON text of an object, passed on unparsed."""

    name: str
    arguments: bytes
    view: View | None = None


class ConnectionRef(msgspec.Struct, frozen=True, array_like=True):
    """Which stored credential serves a call; never the credential itself."""

    id: str
    version: int
    service: str
    shared: bool = False


class AllowedCall(msgspec.Struct, frozen=True, array_like=True):
    """A call that policy allowed. Only `trunkline.policy` builds one; a category server accepts nothing else.

    `deadline` is in seconds since the epoch. `hosts` is the egress allow-list with tenant variables filled in.
    """

    id: str
    tool: str
    service: str
    category: str
    effect: Effect
    idempotent: bool
    arguments: bytes
    subject: str
    organization: str
    hosts: tuple[str, ...]
    deadline: float
    connection: ConnectionRef | None = None
    variables: dict[str, str] = {}
    view: View | None = None


class File(msgspec.Struct, frozen=True, array_like=True):
    """A file in an answer: its bytes, or (`data` empty) where it can be fetched from without a credential."""

    media_type: str
    name: str = ""
    data: bytes = b""
    url: str = ""


class ToolResult(msgspec.Struct, frozen=True, array_like=True):
    """An answer. Exactly one of the two forms:

    `mcp` empty: `text` is the (shaped) answer for the model, JSON or plain text; `files` come with it; `note` says what
    was left out and how to get it, `cursor` where to go on (`View.cursor`).
    `mcp` set: the JSON text of a whole MCP result of an upstream MCP server, passed on undecoded.
    """

    text: str = ""
    mcp: bytes = b""
    is_error: bool = False
    status: int = 0  # HTTP status of the service, 0 where there is none
    truncated: bool = False
    upstream_ms: float = 0.0
    note: str = ""
    cursor: str = ""
    files: tuple[File, ...] = ()
