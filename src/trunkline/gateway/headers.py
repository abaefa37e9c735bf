"""Request headers as the lanes read them, and the codec for values that HTTP cannot carry.

2026-07-28, basic/transports: `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name` and `Mcp-Param-*` repeat what the body
says, and a server refuses a request whose headers and body disagree.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

VERSION: Final = b"mcp-protocol-version"
METHOD: Final = b"mcp-method"
NAME: Final = b"mcp-name"
SESSION: Final = b"mcp-session-id"
_NONE: Final[frozenset[bytes]] = frozenset()
PARAM: Final = b"mcp-param-"

_SENTINEL, _SENTINEL_END = "=?base64?", "?="


class Headers(dict[bytes, bytes]):
    """Lower-case names to values, both as the server hands them on: trimmed. `doubled`: those sent twice."""

    __slots__ = ("doubled",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        super().__init__(raw)
        self.doubled = _NONE
        if len(self) != len(raw):
            names = [name for name, _ in raw]
            self.doubled = frozenset(name for name in names if names.count(name) > 1)

    def text(self, name: bytes) -> str | None:
        value = self.get(name)
        return None if value is None else value.decode("latin-1")

    def params(self) -> dict[str, str]:
        """The Mcp-Param-* headers."""
        if b" ".join(self).find(PARAM) < 0:
            return {}
        return {name.decode(): self[name].decode("latin-1") for name in self if name.startswith(PARAM)}


def decoded(value: str | None) -> str | None:
    """A header value's meaning: itself, or what `=?base64?…?=` holds. A malformed one is None and matches nothing."""
    if value is None or not (value.startswith(_SENTINEL) and value.endswith(_SENTINEL_END)):
        return value
    payload = value[len(_SENTINEL) : -len(_SENTINEL_END)]
    try:
        content = base64.b64decode(payload, validate=True)
        return content.decode() if base64.b64encode(content).decode() == payload else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
