"""Bytes -> message: one JSON-RPC message, read once, its params and arguments left undecoded.

What two parsers could read differently is refused: duplicate keys, text that is not UTF-8, batches.
"""

import json
from enum import Enum, auto
from typing import Any, Final, Literal

import msgspec

from trunkline.gateway.rpc import INVALID_REQUEST, PARSE_ERROR, Id, Refusal

_INVALID: Final = "Body must be a single JSON-RPC request or notification object"


class Kind(Enum):
    REQUEST = auto()
    NOTIFICATION = auto()
    RESPONSE = auto()


class Message(msgspec.Struct, frozen=True):
    """One message. `params` is the JSON text of an object, b"" where there is none."""

    kind: Kind
    id: Id
    method: str
    params: bytes
    result: bytes = b""
    error: bytes = b""


class _Wire(msgspec.Struct):
    jsonrpc: Literal["2.0"]
    id: int | str | msgspec.UnsetType = msgspec.UNSET
    method: str | msgspec.UnsetType = msgspec.UNSET
    params: msgspec.Raw = msgspec.Raw(b"")
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


_WIRE: Final = msgspec.json.Decoder(_Wire)


def read(body: bytes) -> Message:
    """Raises Refusal: PARSE_ERROR for what is not JSON, INVALID_REQUEST for what is no single message."""
    try:
        if not body.isascii():
            body.decode("utf-8")  # msgspec skips over raw parts without a look at their text
        wire = _WIRE.decode(body)
    except msgspec.ValidationError:
        raise Refusal(INVALID_REQUEST, _INVALID) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(PARSE_ERROR, "Parse error") from None
    return _message(wire)


def _message(wire: _Wire) -> Message:
    params = bytes(wire.params)
    if params == b"null":
        params = b""
    if params and params[0] != 0x7B:  # {
        raise Refusal(INVALID_REQUEST, _INVALID)
    if wire.method is not msgspec.UNSET:
        if wire.id is msgspec.UNSET:
            return Message(Kind.NOTIFICATION, None, wire.method, params)
        return Message(Kind.REQUEST, wire.id, wire.method, params)
    result, error = bytes(wire.result), bytes(wire.error)
    if wire.id is msgspec.UNSET or bool(result) == bool(error):
        raise Refusal(INVALID_REQUEST, _INVALID)
    return Message(Kind.RESPONSE, wire.id, "", b"", result, error)


def refuse_duplicates(body: bytes) -> None:
    """Raises Refusal if a key stands twice in the envelope: in the message, its params, or `_meta`."""
    try:
        message = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise Refusal(PARSE_ERROR, "Parse error") from None
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, _Pairs) else None
    if any(isinstance(part, _Pairs) and part.doubled for part in (message, params, meta)):
        raise Refusal(INVALID_REQUEST, "A key stands twice in the message")


def surely_single(body: bytes, strings: int, arguments: bytes, meta: bytes) -> bool:
    """Whether no key of the envelope can stand twice, told without another reading.

    `strings` is how many strings the envelope has, keys and values, where each key stands in it once; `arguments` and
    `meta` are the parts of `body` that are not counted.
    """
    if body.count(b'"') - arguments.count(b'"') - meta.count(b'"') != 2 * strings:
        return False
    return b"\\" not in body or body.count(b"\\") == arguments.count(b"\\")  # a key might be spelled with escapes


def surely_single_meta(meta: bytes) -> bool:
    """The same for the keys of `_meta` that are read."""
    return (
        meta.count(b'/protocolVersion"') <= 1
        and meta.count(b'/clientCapabilities"') <= 1
        and meta.count(b'"progressToken"') <= 1
    )


class _Pairs(dict[str, Any]):
    """An object that knows whether a key stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.doubled = len(self) != len(pairs)
