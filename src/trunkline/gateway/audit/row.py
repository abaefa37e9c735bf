"""One audit row: its columns, its canonical text, its place in the hash chain."""

from hashlib import sha256
from typing import Final, Literal

import msgspec

from trunkline.contract import AllowedCall, ConnectionRef

Kind = Literal["open", "intent", "outcome", "refused", "close"]
GENESIS: Final = b"\0" * 32


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What happened; the writer adds chain, position and hash."""

    at: float
    kind: Kind
    call: str = ""
    tool: str = ""
    service: str = ""
    effect: str = ""
    subject: str = ""
    organization: str = ""
    connection: str = ""
    arguments: str = ""  # sha256, hexadecimal
    code: str = ""
    status: int = 0
    ms: float = 0.0
    toolset: str = ""  # the name in the URL; empty: all tools


class Intent(msgspec.Struct, frozen=True, gc=False):
    """A call that is about to be made: its event is made where rows are written, many at a time, which is cheaper."""

    at: float
    call: AllowedCall
    toolset: str = ""

    def event(self) -> Event:
        call = self.call
        return Event(
            self.at,
            "intent",
            call.id,
            call.tool,
            call.service,
            str.__str__(call.effect),  # sqlite3 takes exact strings as they are
            call.subject,
            call.organization,
            _served_by(call.connection),
            sha256(call.arguments).hexdigest(),
            toolset=self.toolset,
        )


COLUMNS: Final = ("chain", "position", *Event.__struct_fields__, "hash")
_NO_TOOLSET: Final = b',""]'
_encode = msgspec.json.Encoder().encode


def link(previous: bytes, chain: str, position: int, event: Event) -> bytes:
    """The hash of a row: sha256 over the hash before it and the row's JSON text, `[chain, position, at, kind, …]`.

    An empty toolset is left out: rows from before there were toolsets keep their hashes.
    """
    text = _encode(event)[1:]
    if not event.toolset:
        text = text[: -len(_NO_TOOLSET)] + b"]"
    return sha256(b"%b[%b,%d,%b" % (previous, _encode(chain), position, text)).digest()


def _served_by(connection: ConnectionRef | None) -> str:
    """The connection's id, and whether it is one that is shared: in whose name a call was made must be plain."""
    if connection is None:
        return ""
    return f"shared:{connection.id}" if connection.shared else connection.id
