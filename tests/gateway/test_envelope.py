"""Bytes to messages: what is one, and what two parsers could read differently."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.contract import Principal
from trunkline.gateway import rpc, tool_requests
from trunkline.gateway.envelope import Kind, read, refuse_duplicates
from trunkline.gateway.headers import Headers, decoded
from trunkline.gateway.rpc import Refusal
from trunkline.gateway.sessions import Session
from trunkline.gateway.tool_requests import ToolRequest
from trunkline.gateway.toolset import Caller, Toolset

META = (
    '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
)
HEADERS = Headers(
    [(b"mcp-protocol-version", b"2026-07-28"), (b"mcp-method", b"tools/call"), (b"mcp-name", b"echo_get_text")]
)


def call(params: str) -> bytes:
    return ('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{' + params + "}}").encode()


def modern(body: bytes) -> ToolRequest:
    """As the endpoint reads it, which is how it would be read part by part."""
    quick = tool_requests.quick_modern(body, HEADERS)
    closely = tool_requests.modern(read(body), body, HEADERS)
    assert quick in (None, closely)
    return quick or closely


def refused(body: bytes) -> int:
    with pytest.raises(Refusal) as refusal:
        read(body)
    return refusal.value.rpc_code


def test_the_three_kinds_of_messages_are_told_apart() -> None:
    assert read(b'{"jsonrpc":"2.0","id":1,"method":"ping"}').kind is Kind.REQUEST
    assert read(b'{"jsonrpc":"2.0","method":"ping"}').kind is Kind.NOTIFICATION
    response = read(b'{"jsonrpc":"2.0","id":"a","result":{"x":1}}')
    assert (response.kind, response.id, response.result) == (Kind.RESPONSE, "a", b'{"x":1}')
    assert read(b'{"jsonrpc":"2.0","id":1,"error":{"code":1}}').error == b'{"code":1}'


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"result":{},"error":{}}',
        b'{"jsonrpc":"2.0","result":{}}',
        b'{"jsonrpc":"2.0","id":1,"method":"x","params":[]}',
        b'{"jsonrpc":"2.0","id":1e400,"method":"x"}',
    ],
)
def test_what_is_no_single_message_is_an_invalid_request(body: bytes) -> None:
    assert refused(body) == rpc.INVALID_REQUEST


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"jsonrpc":"2.0","id":1,"method":"x"} more',
        b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"\xff"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":NaN}}',
        b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    ],
)
def test_what_is_not_json_is_a_parse_error(body: bytes) -> None:
    assert refused(body) == rpc.PARSE_ERROR


def test_large_and_odd_bodies_are_read_or_refused_within_a_second() -> None:
    keys = ",".join(f'"k{number}":1' for number in range(200_000))
    begin = time.thread_time()  # CPU: what a busy machine does besides does not count
    modern(call(f'"name":"echo_get_text","arguments":{{{keys}}},{META}'))
    read(call(f'"name":"echo_get_text","arguments":{{"a":{"1" * 3_000_000}}},{META}'))
    assert time.thread_time() - begin < 1


@pytest.mark.parametrize(
    "params",
    [
        f'"name":"echo_get_text","name":"echo_get_text",{META}',
        f'"name":"echo_get_text","na\\u006de":"echo_get_text",{META}',
        f'"name":"echo_get_text","arguments":{{}},"arguments":{{"a":1}},{META}',
        f'"name":"echo_get_text","arguments":{{}},"arguments":{{}},{META}',
        f'"name":"echo_get_text",{META},{META}',
        f'"name":"echo_get_text","odd":1,"odd":2,{META}',
        f'"name":"echo_get_text",{META[:-1]},"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}',
        f'"name":"echo_get_text",{META[:-1]},"progressToken":1,"progressToken":1}}',
        f'"name":"echo_get_text",{META[:-1]},"progress\\u0054oken":1,"progressToken":1}}',
    ],
)
def test_a_key_that_stands_twice_is_refused(params: str) -> None:
    with pytest.raises(Refusal, match="twice"):
        modern(call(params))


@pytest.mark.parametrize("double", ['"id":1', '"method":"tools/call"', '"jsonrpc":"2.0"', '"params":{}', '"x":1,"x":2'])
def test_a_key_of_the_message_that_stands_twice_is_refused(double: str) -> None:
    body = ("{" + double + "," + call(f'"name":"echo_get_text",{META}').decode()[1:]).encode()
    with pytest.raises(Refusal, match="twice"):
        modern(body)


@pytest.mark.parametrize(
    "arguments",
    ['{"name":"x","arguments":{},"id":1,"method":"m","_meta":{}}', '{"a":"\\"name\\":1","b":"\\\\"}', "{}", "null"],
)
def test_in_the_arguments_anything_may_stand(arguments: str) -> None:
    request = modern(call(f'"name":"echo_get_text","arguments":{arguments},{META}'))
    assert request.arguments == (b"{}" if arguments == "null" else arguments.encode())


_JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(arguments=st.dictionaries(st.text(), _JSON), more=st.dictionaries(st.text(), _JSON), ascii=st.booleans())
def test_a_good_request_is_never_taken_for_a_doubled_one(
    arguments: object, more: dict[str, object], ascii: bool
) -> None:
    meta = json.loads("{" + META + "}")["_meta"]
    params = {"name": "echo_get_text", "arguments": arguments, "_meta": {**more, **meta}}
    message = {"jsonrpc": "2.0", "id": 'é"', "method": "tools/call", "params": params}
    body = json.dumps(message, ensure_ascii=ascii).encode(errors="replace")
    assert json.loads(modern(body).arguments) == json.loads(body)["params"]["arguments"]


def test_duplicates_are_found_whatever_the_method() -> None:
    refuse_duplicates(b'{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a","arguments":{"name":1}}}')
    with pytest.raises(Refusal, match="twice"):
        refuse_duplicates(b'{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a","name":"b"}}')


@pytest.mark.parametrize(
    "body",
    [
        call(f'"name":"echo_get_text","arguments":{{"a":1}},{META}'),
        call(f'"arguments":{{}},{META},"name":"echo_get_text"'),
        call(f'"name":"echo_get_text",{META}').replace(b'"id":1', b'"id":"a b"'),
    ],
)
def test_a_call_as_most_clients_write_it_is_read_at_once(body: bytes) -> None:
    assert tool_requests.quick_modern(body, HEADERS) == modern(body)


@pytest.mark.parametrize("id", ["1", '"a"', "-7"])
def test_a_call_within_a_session_is_read_at_once_too(id: str) -> None:
    session = Session("s", Caller(Principal("owner", "local"), Toolset()), b"{}")
    body = call('"name":"echo_get_text","arguments":{"a":1}').replace(b'"id":1', b'"id":' + id.encode())
    quick = tool_requests.quick_legacy(body, "2025-11-25", session)
    assert quick == tool_requests.legacy(read(body), body, "2025-11-25", session)
    assert tool_requests.quick_legacy(body.replace(b'"method":', b'"method": '), "2025-11-25", session) is None


@pytest.mark.parametrize(
    "body",
    [
        call(f'"name":"echo_get_text","arguments":null,{META}'),
        call(f'"name":"echo_get_text","requestState":"s",{META}'),
        call(f'"name":"echo_get_text", {META}'),
        call(f'"name":"echo_get_\\u0074ext",{META}'),
        call(f'"name":"echo_get_text","arguments":{{"a":"é"}},{META}'),
        call('"name":"echo_get_text","_meta":{}'),
        call(f'"name":"another",{META}'),
        call(f'"name":"echo_get_text",{META}').replace(b'"id":1', b'"id":null'),
        call(f'"name":"echo_get_text",{META}').replace(b"tools/call", b"tools/list"),
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b"[" * 100_000,
    ],
)
def test_what_is_out_of_the_ordinary_is_looked_at_closely(body: bytes) -> None:
    assert tool_requests.quick_modern(body, HEADERS) is None


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("plain", "plain"),
        ("=?base64?w6k=?=", "é"),
        ("=?base64?w6k?=", None),
        ("=?base64?w6l=?=", None),
        ("=?base64?/w==?=", None),
        ("=?base64?", "=?base64?"),
        (None, None),
    ],
)
def test_header_values_are_decoded_or_match_nothing(value: str | None, meaning: str | None) -> None:
    assert decoded(value) == meaning
