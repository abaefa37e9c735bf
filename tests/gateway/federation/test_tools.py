"""Names, effects and settings of upstream tools."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.contract import Effect, InvalidSettings
from trunkline.gateway.federation.param_headers import ParamHeaders
from trunkline.gateway.federation.settings import UpstreamSettings, parse
from trunkline.gateway.federation.tools import LONGEST, FederatedTool, federated, service_of, wire_name


def made(tool: dict[str, Any], **settings: Any) -> FederatedTool | None:
    one = parse({"up": {"url": "https://mcp.example.com/mcp", **settings}})[0]
    text = json.dumps({"name": "do_it", "inputSchema": {"type": "object"}} | tool).encode()
    return federated(text, one, service_of(one))


@pytest.mark.parametrize(
    ("name", "annotations", "effect"),
    [
        ("look", {"readOnlyHint": True}, Effect.READ),
        ("look", {"readOnlyHint": True, "destructiveHint": True}, Effect.READ),
        ("look", {}, Effect.WRITE),
        ("get_delete_marker", None, Effect.DELETE),
        ("delete_user", {}, Effect.DELETE),
        ("delete_user", {"destructiveHint": False}, Effect.WRITE),
        ("look", {"destructiveHint": True}, Effect.DELETE),
    ],
)
def test_the_effect_is_never_milder_than_the_annotations(name: str, annotations: Any, effect: Effect) -> None:
    tool = made({"name": name} | ({"annotations": annotations} if annotations is not None else {}))
    assert tool is not None
    assert tool.spec.effect is effect


@given(st.text(min_size=1, max_size=200), st.sampled_from(["", "up_", "a-long-prefix-of-an-upstream_"]))
def test_names_on_the_wire_are_names_that_every_client_takes(name: str, prefix: str) -> None:
    wired = wire_name(prefix, name)
    assert 1 <= len(wired) <= LONGEST
    assert wired.isascii()
    assert wired.replace("_", "").replace("-", "").isalnum() or not wired.strip("_-")


def test_a_name_that_fits_stays_and_others_stay_apart() -> None:
    assert wire_name("up_", "list_issues") == "up_list_issues"
    assert wire_name("", "a.b") != wire_name("", "a/b")
    assert wire_name("", "x" * 70) != wire_name("", "x" * 71)


def test_what_is_no_tool_is_left_out() -> None:
    assert made({"inputSchema": "none"}) is None
    assert made({"name": 7}) is None


def test_only_the_name_changes_in_a_definition() -> None:
    tool = made({"title": "Do it", "_meta": {"ui": {"resourceUri": "ui://x"}}, "vendor": [1, 2]})
    assert tool is not None
    assert json.loads(tool.definition) == {
        "name": "up_do_it",
        "inputSchema": {"type": "object"},
        "title": "Do it",
        "_meta": {"ui": {"resourceUri": "ui://x"}},
        "vendor": [1, 2],
    }


def test_declared_arguments_become_headers_and_others_pass() -> None:
    schema = {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "limits": {"type": "object", "properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
        },
    }
    headers = ParamHeaders.of(json.dumps(schema).encode())
    lines = headers.lines(b'{"region":" caf\\u00e9","limits":{"n":3}}', {"mcp-param-n": "9", "mcp-param-z": "1"})
    assert lines == b"Mcp-Param-Region: =?base64?IGNhZsOp?=\r\nMcp-Param-N: 3\r\nmcp-param-z: 1\r\n"
    assert headers.lines(b'{"region":null}', {}) == b""
    assert ParamHeaders.of(b'{"type":"object"}').lines(b"{}", {}) == b""


def test_a_header_value_cannot_start_another_header() -> None:
    schema = b'{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}'
    lines = ParamHeaders.of(schema).lines(b'{"a":"x\\r\\nAuthorization: Bearer y"}', {})
    assert lines.count(b"\r\n") == 1


def test_settings_have_sensible_defaults() -> None:
    assert parse({"up": {"url": "https://x/mcp"}}) == (UpstreamSettings("https://x/mcp", "up"),)
    assert parse({"up": {"url": "https://x/mcp"}})[0].names_prefix == "up_"
    assert parse({"up": {"url": "https://x/mcp", "prefix": ""}})[0].names_prefix == ""


@pytest.mark.parametrize(
    ("id", "values"),
    [
        ("Up", {"url": "https://x/"}),
        ("a_b", {"url": "https://x/"}),
        ("up", {"url": "ftp://x/"}),
        ("up", {}),
        ("up", {"url": "https://x/", "prefix": "a b"}),
        ("up", {"url": "https://x/", "colour": "red"}),
        ("up", {"url": "https://x/", "category": "nonsense"}),
        ("up", "https://x/"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(id: str, values: Any) -> None:
    with pytest.raises(InvalidSettings, match=rf"upstreams\.{id}"):
        parse({id: values})
