"""A call on its way: asked (`ToolCall`), allowed (`AllowedCall`), answered (`ToolResult`)."""

import msgspec

from trunkline.contract.effect import Effect


class ToolCall(msgspec.Struct, frozen=True):
    """What a client asks for. `arguments` is JSON text of an object, passed on unparsed."""

    name: str
    arguments: bytes


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


class ToolResult(msgspec.Struct, frozen=True, array_like=True):
    """An answer. Exactly one of the two forms:

    `mcp` empty: `text` is the (shaped) answer for the model, JSON or plain text.
    `mcp` set: the JSON text of a whole MCP result of an upstream MCP server, passed on undecoded.
    """

    text: str = ""
    mcp: bytes = b""
    is_error: bool = False
    status: int = 0  # HTTP status of the service, 0 where there is none
    truncated: bool = False
    upstream_ms: float = 0.0
