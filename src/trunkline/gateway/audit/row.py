"""One audit row: its columns, its canonical text, its place in the hash chain."""

from hashlib import sha256
from typing import Final, Literal, NamedTuple

import msgspec

Kind = Literal["open", "intent", "outcome", "refused", "close"]
GENESIS: Final = b"\0" * 32


class Event(NamedTuple):
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


COLUMNS: Final = ("chain", "position", *Event._fields, "hash")
_encoder = msgspec.json.Encoder()


def link(previous: bytes, chain: str, position: int, event: Event) -> bytes:
    """The hash of a row: sha256 over the hash before it and the row's JSON text."""
    return sha256(previous + _encoder.encode((chain, position, *event))).digest()
