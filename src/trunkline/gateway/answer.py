"""From a call's end to the JSON text of an MCP result.

A legacy result has `content` and `isError`. A modern one (2026-07-28) also says `resultType` and, in `_meta`, which
server answered; a list also says how long and for whom it may be kept.
"""

import base64
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import msgspec
import orjson

from trunkline.contract import Done, Fact, Failed, File, ToolResult

SERVER_INFO: Final = "io.modelcontextprotocol/serverInfo"
_COMPLETE: Final = b'{"resultType":"complete"'


class Implementation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who this server is, as in `serverInfo`."""

    name: str
    version: str
    title: str = ""


class Answers:
    """Writes results; `server` is stamped on the modern ones."""

    def __init__(self, server: Implementation, ttl_ms: int) -> None:
        self.server = server
        self.ttl_ms = ttl_ms
        self._stamp = b'"_meta":' + orjson.dumps({SERVER_INFO: msgspec.to_builtins(server)})
        self._cache = b',"ttlMs":%d,"cacheScope":"private"' % ttl_ms

    def listed(self, members: bytes) -> bytes:
        """A modern list result of `members` (JSON text without braces)."""
        return b"%b,%b%b,%b}" % (_COMPLETE, members, self._cache, self._stamp)

    def end(self, event: Done | Failed, chunks: list[bytes], *, modern: bool) -> bytes:
        """The result that the end of a call is; `chunks` came before it and belong to its text."""
        if isinstance(event, Failed):
            return self.fault(event.fact, modern=modern)
        result = event.result
        if result.mcp:
            return self._passed_on(result.mcp, modern=modern)
        text = b"".join(chunks).decode(errors="replace") + result.text if chunks else result.text
        more = b"".join(_more(result)) if result.note or result.files else b""
        return self._text(text, is_error=result.is_error, modern=modern, more=more)

    def fault(self, fact: Fact, *, modern: bool) -> bytes:
        """A fault as a tool result: what is wrong and what to do next, for the model to read."""
        text = f"{fact.code}: {fact.message}" + (f"\n{fact.hint}" if fact.hint else "")
        return self._text(text, is_error=True, modern=modern)

    def _text(self, text: str, *, is_error: bool, modern: bool, more: bytes = b"") -> bytes:
        content = b'"content":[{"type":"text","text":%b}%b],"isError":%b' % (
            orjson.dumps(text),
            more,
            b"true" if is_error else b"false",
        )
        return b"%b,%b,%b}" % (_COMPLETE, content, self._stamp) if modern else b"{%b}" % content

    def _passed_on(self, mcp: bytes, *, modern: bool) -> bytes:
        """An upstream's result, undecoded where nothing is to be added or taken away."""
        seen = _PEEK.decode(mcp)
        if not modern:
            return mcp if seen.resultType is msgspec.UNSET else _without_type(mcp)
        added = [b'"resultType":"complete"'] if seen.resultType is msgspec.UNSET else []
        added += [self._stamp] if seen.meta is msgspec.UNSET else []
        return _joined(added, mcp.strip()) if added else mcp


def _more(result: ToolResult) -> Iterator[bytes]:
    """Further content blocks, each with its comma: files, and a note apart from the answer, which so stays JSON."""
    for file in result.files:
        yield b"," + orjson.dumps(_block(file))
    if result.note:
        yield b"," + orjson.dumps({"type": "text", "text": f"[{result.note}]"})


def _block(file: File) -> dict[str, object]:
    """2026-07-28 and before, server/tools, "Tool Result": what a client can show is shown, all else is a resource."""
    if file.url:
        link = {"type": "resource_link", "uri": file.url, "name": file.name or file.url, "mimeType": file.media_type}
        return {key: value for key, value in link.items() if value}
    data = base64.b64encode(file.data).decode()
    kind = file.media_type.partition("/")[0]
    if kind in ("image", "audio"):
        return {"type": kind, "data": data, "mimeType": file.media_type}
    uri = f"attachment:{quote(file.name or 'file')}"
    return {"type": "resource", "resource": {"uri": uri, "mimeType": file.media_type, "blob": data}}


class _Peek(msgspec.Struct):
    """The members of a result that tell its era; the rest is skipped over."""

    resultType: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - the name on the wire
    meta: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="_meta")


_PEEK: Final = msgspec.json.Decoder(_Peek)


def _joined(added: list[bytes], mcp: bytes) -> bytes:
    rest = mcp[1:].lstrip()
    return b"{" + b",".join([*added, rest] if rest != b"}" else added) + (b"}" if rest == b"}" else b"")


def _without_type(mcp: bytes) -> bytes:
    members = msgspec.json.decode(mcp, type=dict[str, msgspec.Raw])
    del members["resultType"]
    return msgspec.json.encode(members)
