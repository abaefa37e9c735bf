"""The origin that a client reached us at names issuer and resource."""

import pytest

from trunkline.identity.origin import is_resource_path, metadata_url, origin_of


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"127.0.0.1:8000", "http://127.0.0.1:8000"),
        (b"localhost", "http://localhost"),
        (b"localhost:80", "http://localhost"),
        (b"[::1]:8000", "http://[::1]:8000"),
        (b"gw.example", "https://gw.example"),
        (b"GW.example:443", "https://gw.example"),
        (b"gw.example:8443", "https://gw.example:8443"),
    ],
)
def test_an_origin_is_https_but_for_this_machines_loopback(host: bytes, origin: str) -> None:
    assert origin_of(host) == origin


@pytest.mark.parametrize("path", ["/mcp", "/mcp/t/github", "/mcp/t/a_b-c.d"])
def test_a_resource_is_an_endpoint_of_the_protocol(path: str) -> None:
    assert is_resource_path(path)
    assert metadata_url(b"gw.example", path) == f"https://gw.example/.well-known/oauth-protected-resource{path}"


@pytest.mark.parametrize("path", ["/", "/mcp/", "/mcp/t/", "/mcp/t/a/b", "/mcp/t/a b", '/mcp/t/"', "/mcp\n", "/MCP"])
def test_anything_else_is_none(path: str) -> None:
    assert not is_resource_path(path)
