"""tools/list and tools/call: from a message and its headers to what is asked, checked as the era demands.

The common case is one strict decoding of the whole message (`quick_modern`, `quick_legacy`). What has anything out of
the ordinary is read part by part (`modern`, `legacy`); only where that fails, or a header disagrees, is it looked at
rung by rung, in the order in which the 2026-07-28 transport (and the official SDK) names the first thing wrong.
"""

from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from trunkline.gateway.envelope import Message, refuse_duplicates, surely_single, surely_single_meta
from trunkline.gateway.events import MODERN, CallContext, ClientSession
from trunkline.gateway.headers import METHOD, NAME, VERSION, Headers, decoded
from trunkline.gateway.rpc import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, Id, Refusal, text_of

LIST: Final = "tools/list"
CALL: Final = "tools/call"
METHODS: Final = frozenset({LIST, CALL})

NO_HEADERS: Final[dict[str, str]] = {}
_MODERN: Final = MODERN.encode()
_PREFIX: Final = "io.modelcontextprotocol/"
_VERSION_KEY: Final = _PREFIX + "protocolVersion"
_CAPABILITIES_KEY: Final = _PREFIX + "clientCapabilities"
_ROUTING: Final = (VERSION, METHOD, NAME)
_Object = dict[str, msgspec.Raw]
_Absent = msgspec.UnsetType


class ToolRequest(msgspec.Struct, frozen=True):
    """What is asked. `token` is the JSON text of the progress token, b"" for none."""

    id: Id
    calls: bool  # tools/call, else tools/list
    name: str
    arguments: bytes
    cursor: str | None
    token: bytes
    context: CallContext
    modern: bool
    over_http: bool = False  # Mcp-Param-* headers repeat what the arguments say


class _Capabilities(msgspec.Struct):
    elicitation: _Object | None = None
    experimental: dict[str, _Object] | None = None
    extensions: dict[str, _Object] | None = None
    roots: _Object | None = None
    sampling: _Object | None = None


class _ClientInfo(msgspec.Struct):
    name: str
    version: str


_Level = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]


class _ModernMeta(msgspec.Struct):
    version: str = msgspec.field(name=_VERSION_KEY)
    capabilities: _Capabilities = msgspec.field(name=_CAPABILITIES_KEY)
    info: _ClientInfo | None = msgspec.field(default=None, name=_PREFIX + "clientInfo")
    level: _Level | None = msgspec.field(default=None, name=_PREFIX + "logLevel")
    token: int | str | None = msgspec.field(default=None, name="progressToken")


class _LegacyMeta(msgspec.Struct):
    token: int | str | None = msgspec.field(default=None, name="progressToken")


class _Params(msgspec.Struct):
    """Of either method: a tools/call must have a name, and a tools/list has no use for one."""

    name: str | _Absent = msgspec.UNSET
    arguments: msgspec.Raw = msgspec.Raw(b"")
    cursor: str | None = None
    meta: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="_meta")
    responses: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="inputResponses")
    state: str | None = msgspec.field(default=None, name="requestState")


class _QuickParams(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str
    arguments: msgspec.Raw = msgspec.Raw(b"")
    meta: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="_meta")


class _QuickCall(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A tools/call with nothing in it but what most have."""

    jsonrpc: Literal["2.0"]
    id: int | str
    method: Literal["tools/call"]
    params: _QuickParams


_QUICK: Final = msgspec.json.Decoder(_QuickCall)
_FRAME: Final = len('{"jsonrpc":"2.0","id":,"method":"tools/call","params":{"name":""}}')
_ARGUMENTS, _META = len(',"arguments":'), len(',"_meta":')
_CALL_BYTES: Final = CALL.encode()
_PARAMS: Final = msgspec.json.Decoder(_Params)
_MODERN_META: Final = msgspec.json.Decoder(_ModernMeta)
_SHORT: Final = 2048  # bytes of a `_meta` that is worth remembering
_LEGACY_META: Final = msgspec.json.Decoder(_LegacyMeta)


def quick_modern(body: bytes, headers: Headers) -> ToolRequest | None:
    """A tools/call of the modern era; None if it is anything else, or anything about it must be looked at closely."""
    call = _quick(body)
    if call is None or headers.doubled:
        return None
    name, raw_meta = call.params.name, bytes(call.params.meta)
    meta = _ordinary(raw_meta) if len(raw_meta) <= _SHORT else None
    said = (headers.get(VERSION), headers.get(METHOD), headers.get(NAME))
    if meta is None or said != (_MODERN, _CALL_BYTES, name.encode()):
        return None
    context = CallContext(MODERN, None, raw_meta, b"", b"", headers.params())
    arguments = bytes(call.params.arguments) or b"{}"
    return ToolRequest(call.id, True, name, arguments, None, _token(meta.token), context, True, True)


def quick_legacy(body: bytes, protocol: str, session: ClientSession) -> ToolRequest | None:
    """A tools/call within a legacy session; None as `quick_modern`."""
    call = _quick(body)
    if call is None or bytes(call.params.meta):
        return None
    arguments = bytes(call.params.arguments) or b"{}"
    return ToolRequest(call.id, True, call.params.name, arguments, None, b"", CallContext(protocol, session), False)


def _quick(body: bytes) -> _QuickCall | None:
    """The message, if its members account for every one of its bytes: then no key can stand twice."""
    try:
        call = _QUICK.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    params = call.params
    size = _FRAME + len(text_of(call.id)) + len(params.name)
    arguments, meta = bytes(params.arguments), bytes(params.meta)
    if arguments:
        size += _ARGUMENTS + len(arguments)
    if meta:
        size += _META + len(meta)
    ordinary = size == len(body) and body.isascii() and arguments[:1] in (b"{", b"")
    return call if ordinary else None


@lru_cache(512)
def _ordinary(raw_meta: bytes) -> _ModernMeta | None:
    """A `_meta` as it must be, no key of it twice. A client sends the same with every request."""
    try:
        meta = _MODERN_META.decode(raw_meta)
    except msgspec.DecodeError:
        return None
    single = surely_single_meta(raw_meta) and b"\\" not in raw_meta
    return meta if single and meta.version == MODERN else None


def modern(message: Message, body: bytes, headers: Headers | None) -> ToolRequest:
    """A request of the modern era; `headers` is None where it did not come over HTTP. Raises Refusal."""
    try:
        params = _params(message)
        arguments, responses = _object(params.arguments), _object(params.responses)
        raw_meta = bytes(params.meta)
        meta = _meta(raw_meta) if len(raw_meta) <= _SHORT else _MODERN_META.decode(raw_meta)
    except msgspec.DecodeError:
        climb(message, headers)
        raise _invalid(message) from None
    name = params.name if isinstance(params.name, str) else ""
    if meta.version != MODERN or (headers is not None and not _agree(message.method, name, headers)):
        climb(message, headers)
    _single(body, message, params)
    state = b"" if params.state is None else msgspec.json.encode(params.state)
    sent = NO_HEADERS if headers is None else headers.params()
    context = CallContext(MODERN, None, raw_meta, responses, state, sent)
    calls, http, token = message.method == CALL, headers is not None, _token(meta.token)
    return ToolRequest(message.id, calls, name, arguments or b"{}", params.cursor, token, context, True, http)


def legacy(message: Message, body: bytes, protocol: str, session: ClientSession | None) -> ToolRequest:
    """A request within a legacy session. Raises Refusal."""
    try:
        params = _params(message)
        arguments, raw_meta = _object(params.arguments), _object(params.meta)
        token = _token(_LEGACY_META.decode(raw_meta).token if raw_meta else None)
    except msgspec.DecodeError:
        raise _invalid(message) from None
    _single(body, message, params)
    name = params.name if isinstance(params.name, str) else ""
    context, calls = CallContext(protocol, session, raw_meta), message.method == CALL
    return ToolRequest(message.id, calls, name, arguments or b"{}", params.cursor, token, context, False)


@lru_cache(512)
def _meta(raw: bytes) -> _ModernMeta:
    """A client sends the same `_meta` with every request, but for its progress token."""
    return _MODERN_META.decode(raw)


def climb(message: Message, headers: Headers | None) -> None:
    """The ladder of a modern request. Raises the Refusal of the first rung that fails."""
    doubled = next((name for name in _ROUTING if headers is not None and name in headers.doubled), None)
    if doubled is not None:
        raise Refusal(HEADER_MISMATCH, f"{doubled.decode()} header appears more than once", message.id)
    params: dict[str, Any] = msgspec.json.decode(message.params) if message.params else {}
    version = _enveloped(params.get("_meta"), message.id)
    if headers is not None:
        _compare(message, params, version, headers)
    if not isinstance(version, str):
        raise Refusal(INVALID_PARAMS, "the protocol-version envelope value must be a string", message.id)
    if version != MODERN:
        data = {"supported": [MODERN], "requested": version}
        raise Refusal(UNSUPPORTED_VERSION, "Unsupported protocol version", message.id, data)


def _enveloped(meta: Any, id: Id) -> Any:
    """The version that `_meta` names, whatever its type."""
    if not isinstance(meta, dict):
        text = f"params._meta must be an object carrying the required {_VERSION_KEY!r} and {_CAPABILITIES_KEY!r}"
        raise Refusal(INVALID_PARAMS, text + " envelope keys", id)
    missing = [key for key in (_VERSION_KEY, _CAPABILITIES_KEY) if key not in meta]
    if missing:
        text = f"params._meta is missing the required envelope key(s): {', '.join(missing)}"
        raise Refusal(INVALID_PARAMS, text, id)
    return meta[_VERSION_KEY]  # pyright: ignore[reportUnknownVariableType] - whatever the client wrote


def _compare(message: Message, params: dict[str, Any], version: Any, headers: Headers) -> None:
    sent = headers.text(VERSION)
    if sent is None or sent != version:
        text = f"{VERSION.decode()} header does not match the request envelope's protocol version"
        raise Refusal(HEADER_MISMATCH, text, message.id)
    if headers.text(METHOD) != message.method:
        text = f"{METHOD.decode()} header does not match the request body's method"
        raise Refusal(HEADER_MISMATCH, text, message.id)
    name = params.get("name") if message.method == CALL else None
    if name is not None and decoded(headers.text(NAME)) != name:
        text = f"{NAME.decode()} header does not match the request body's 'name' parameter"
        raise Refusal(HEADER_MISMATCH, text, message.id)


def _agree(method: str, name: str, headers: Headers) -> bool:
    return (
        not headers.doubled
        and headers.get(VERSION) == _MODERN
        and headers.get(METHOD) == method.encode()
        and (method != CALL or decoded(headers.text(NAME)) == name)
    )


def _params(message: Message) -> _Params:
    params = _PARAMS.decode(message.params or b"{}")
    if message.method == CALL and not isinstance(params.name, str):
        raise msgspec.ValidationError("a tools/call names a tool")
    return params


def _single(body: bytes, message: Message, params: _Params) -> None:
    """Raises Refusal if a key of the envelope stands twice."""
    strings = 5 + isinstance(message.id, str) + bool(message.params)  # jsonrpc "2.0" id method … params
    strings += 2 * (isinstance(params.name, str) + (params.cursor is not None) + (params.state is not None))
    arguments, meta = bytes(params.arguments), bytes(params.meta)
    strings += bool(arguments) + bool(meta)
    if not (surely_single(body, strings, arguments, meta) and _meta_is_single(meta)):
        refuse_duplicates(body)


def _meta_is_single(meta: bytes) -> bool:
    return _short_meta_is_single(meta) if len(meta) <= _SHORT else surely_single_meta(meta)


@lru_cache(512)
def _short_meta_is_single(meta: bytes) -> bool:
    return surely_single_meta(meta)


def _object(raw: msgspec.Raw | bytes) -> bytes:
    """The JSON text of an object, b"" for null or nothing. Raises ValidationError for anything else."""
    text = bytes(raw)
    if text[:1] == b"{":
        return text
    if text in (b"", b"null"):
        return b""
    raise msgspec.ValidationError("an object is expected")


def _token(token: int | str | None) -> bytes:
    return b"" if token is None else msgspec.json.encode(token)


def _invalid(message: Message) -> Refusal:
    return Refusal(INVALID_PARAMS, "Invalid request parameters", message.id, "")
