"""JSON-RPC messages of upstream servers, as they are read."""

import pytest

from trunkline.contract import UpstreamFailed
from trunkline.gateway.federation import wire
from trunkline.gateway.federation.connection import Answer


def answer(body: bytes, status: int = 200) -> Answer:
    return Answer(status, {b"content-type": b"application/json"}, body)


def test_the_response_to_a_request_carries_its_id() -> None:
    message = wire.response("Up", answer(b'{"jsonrpc":"2.0","id":7,"result":{}}'), 7)
    assert bytes(message.result) == b"{}"


def test_a_response_as_most_servers_write_it_is_read_at_once() -> None:
    body = b'{"jsonrpc":"2.0","id":7,"result":{"content":[],"isError":true}}'
    plain = wire.plain_result(answer(body), 7)
    assert plain is not None
    assert (plain[0], plain[1].is_error) == (b'{"content":[],"isError":true}', True)


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","id":70,"result":{}}',
        b'{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1}}',
        b'{"jsonrpc":"2.0","id":7,"result":{}',
        b'{"jsonrpc":"2.0","id":7,"result":[]}',
        b'{"jsonrpc":"2.0", "id":7, "result":{}}',
        b'{"jsonrpc":"2.0","id":7,"result":' + b"[" * 100_000 + b"}",
        b"}",
    ],
)
def test_any_other_response_is_looked_at_closely(body: bytes) -> None:
    assert wire.plain_result(answer(body), 7) is None


@pytest.mark.parametrize("id", [b"8", b'"7"', b"null", b"70"])
def test_the_response_to_another_request_is_refused(id: bytes) -> None:
    with pytest.raises(UpstreamFailed, match="another request"):
        wire.response("Up", answer(b'{"jsonrpc":"2.0","id":%b,"result":{}}' % id), 7)


def test_an_error_of_a_server_that_could_not_read_the_id_is_still_the_answer() -> None:
    body = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}'
    message = wire.response("Up", answer(body, 400), 7)
    assert wire.rpc_error(bytes(message.error)).code == -32700
