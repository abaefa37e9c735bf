"""JSON-RPC messages as upstream servers send and get them: what is not looked at stays bytes."""

from collections.abc import Mapping
from typing import Final

import msgspec
import orjson

from trunkline.contract import CredentialRejected, Fault, UpstreamFailed, UpstreamUnavailable
from trunkline.gateway.federation.connection import Answer

METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
RESOURCE_NOT_FOUND: Final = -32002  # legacy era; -32602 since 2026-07-28

NOTHING: Final = msgspec.Raw(b"")
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError)  # no JSON, or JSON nested deeper than the stack goes
_UNAVAILABLE: Final = frozenset({429, 502, 503, 504})
_REFUSED: Final = frozenset({401, 403})

Members = dict[str, msgspec.Raw]


class Message(msgspec.Struct):
    """Any JSON-RPC message. A request has a method and an id, a notification a method, a response an id."""

    id: msgspec.Raw = NOTHING
    method: str = ""
    params: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING


class RpcError(msgspec.Struct):
    """The JSON-RPC error object."""

    code: int
    message: str = ""


class ResultHead(msgspec.Struct):
    """What a relay must know of a result; the rest is skipped over."""

    is_error: bool | None = msgspec.field(default=None, name="isError")
    result_type: str | None = msgspec.field(default=None, name="resultType")


_message = msgspec.json.Decoder(Message)
_head = msgspec.json.Decoder(ResultHead)
_error = msgspec.json.Decoder(RpcError)
_members = msgspec.json.Decoder(Members)


def decode(text: bytes) -> Message:
    """Raises UpstreamFailed."""
    try:
        return _message.decode(text)
    except _UNREADABLE as error:
        raise UpstreamFailed(f"The upstream server sent no JSON-RPC message: {error}") from error


def head(result: bytes) -> ResultHead:
    """Raises UpstreamFailed."""
    try:
        return _head.decode(result)
    except _UNREADABLE as error:
        raise UpstreamFailed(f"The upstream server's result is malformed: {error}") from error


def rpc_error(text: bytes) -> RpcError:
    """Raises UpstreamFailed."""
    try:
        return _error.decode(text)
    except _UNREADABLE as error:
        raise UpstreamFailed(f"The upstream server's error is malformed: {error}") from error


def members(text: bytes) -> Members:
    """The members of a JSON object, each as it is written. Raises UpstreamFailed."""
    try:
        return _members.decode(text) if text else {}
    except _UNREADABLE as error:
        raise UpstreamFailed(f"A JSON object was expected: {error}") from error


def join(parts: Mapping[str, msgspec.Raw]) -> bytes:
    """Members without the braces around them."""
    return msgspec.json.encode(parts)[1:-1]


def request(number: int, method: str, params: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":%d,"method":"%b","params":{%b}}' % (number, method.encode(), params)


def notification(method: str, params: bytes = b"") -> bytes:
    if not params:
        return b'{"jsonrpc":"2.0","method":%b}' % orjson.dumps(method)
    return b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (orjson.dumps(method), params)


def reply(id: bytes, result: bytes, error: bytes) -> bytes:
    part = b'"error":' + error if error else b'"result":' + (result or b"{}")
    return b'{"jsonrpc":"2.0","id":%b,%b}' % (id, part)


def error_text(code: int, message: str, data: object = None) -> bytes:
    """The JSON text of an error object."""
    error: dict[str, object] = {"code": code, "message": message}
    return orjson.dumps(error if data is None else error | {"data": data})


def plain_result(answer: Answer, number: int) -> tuple[bytes, ResultHead] | None:
    """The result of request `number` and its head, if the response is written as most are: read once, not twice.

    What stands between the two ends must be JSON by itself, so nothing else can stand in the response.
    """
    start = b'{"jsonrpc":"2.0","id":%d,"result":' % number
    body = answer.body
    if answer.status != 200 or not body.startswith(start) or not body.endswith(b"}"):
        return None
    result = body[len(start) : -1]
    try:
        return result, _head.decode(result)
    except _UNREADABLE:
        return None


def response(name: str, answer: Answer, number: int) -> Message:
    """The JSON-RPC response to request `number` in an HTTP answer, whatever its status.

    Raises what `refusal` says if there is none, and UpstreamFailed if it is the response to another request.
    """
    if answer.status not in _REFUSED and answer.body:
        try:
            message = _message.decode(answer.body)
        except _UNREADABLE:
            raise refusal(name, answer.status) from None
        if bytes(message.error)[:1] == b"{":
            return message  # its id is null where the server could not read ours
        if bytes(message.result):
            if bytes(message.id) != b"%d" % number:
                raise UpstreamFailed(f"{name} answered another request than the one it was sent.")
            return message
    raise refusal(name, answer.status)


def refusal(name: str, status: int) -> Fault:
    """What an HTTP status without a JSON-RPC response means."""
    if status in _REFUSED:
        return CredentialRejected(f"{name} refuses Trunkline (HTTP {status}).", "Ask the owner to check its token.")
    if status in _UNAVAILABLE:
        return UpstreamUnavailable(f"{name} cannot answer now (HTTP {status}).")
    return UpstreamFailed(f"{name} answered with HTTP {status} and no JSON-RPC message.")
