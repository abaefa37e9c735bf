"""JSON-RPC 2.0 as bytes: error codes, responses, requests, and the HTTP status that goes with an error."""

from types import MappingProxyType
from typing import Final

import orjson

from trunkline.contract import Fault

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
UNSUPPORTED_VERSION: Final = -32022

Id = int | str | None

# The 2026-07-28 transport's table; a code that is not in it goes with 200. In the legacy era every answer to a
# well-formed request goes with 200.
HTTP_STATUS: Final = MappingProxyType(
    {
        PARSE_ERROR: 400,
        INVALID_REQUEST: 400,
        INVALID_PARAMS: 400,
        HEADER_MISMATCH: 400,
        MISSING_CAPABILITY: 400,
        UNSUPPORTED_VERSION: 400,
        METHOD_NOT_FOUND: 404,
    }
)


class Refusal(Fault):
    """A fault of the protocol itself: answered with a JSON-RPC error, not with a tool result."""

    code = "protocol"

    def __init__(self, rpc_code: int, message: str, id: Id = None, data: object = None) -> None:
        super().__init__(message)
        self.rpc_code = rpc_code
        self.id = id
        self.data = data

    @property
    def status(self) -> int:
        return HTTP_STATUS.get(self.rpc_code, 200)

    def message_bytes(self) -> bytes:
        """The JSON text of the whole JSON-RPC error response."""
        error: dict[str, object] = {"code": self.rpc_code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return failure(self.id, orjson.dumps(error))


def text_of(id: Id) -> bytes:
    """The JSON text of a request id; JSON's integers have no bounds, orjson's have."""
    return b"%d" % id if isinstance(id, int) else orjson.dumps(id)


def success(id: Id, result: bytes) -> bytes:
    if type(id) is int:
        return b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (id, result)
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (text_of(id), result)


def failure(id: Id, error: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (text_of(id), error)


def notification(method: str, params: bytes) -> bytes:
    if not params:
        return b'{"jsonrpc":"2.0","method":%b}' % orjson.dumps(method)
    return b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (orjson.dumps(method), params)


def request(id: str, method: str, params: bytes) -> bytes:
    head = b'{"jsonrpc":"2.0","id":%b,"method":%b' % (orjson.dumps(id), orjson.dumps(method))
    return head + (b',"params":%b}' % params if params else b"}")


def one_line(message: bytes) -> bytes:
    """The same JSON text without line breaks, which in JSON stand between tokens only."""
    if b"\n" in message or b"\r" in message:
        return message.replace(b"\r", b" ").replace(b"\n", b" ")
    return message
