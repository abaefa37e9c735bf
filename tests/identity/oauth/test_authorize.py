"""Authorization requests that are refused: to the person where the client cannot be trusted, else to the client."""

from typing import Any

import pytest

from tests.identity.oauth.house import CHALLENGE, LOOPBACK, VERIFIER, WEB, House

REGISTERED = [WEB, "http://127.0.0.1/callback", "http://localhost:8787/callback", "https://app.example/other?keep=1"]


@pytest.fixture
async def client(house: House) -> str:
    return (await house.register(*REGISTERED))["client_id"]


async def told(house: House, client: str, **changes: str | None) -> dict[str, str]:
    """The error that the client is redirected with; it never comes without the issuer (B23)."""
    reply = await house.authorize(client, **changes)
    assert reply.status == 303, reply.text
    assert reply.location.startswith(WEB + "?")
    assert reply.told["iss"] == house.base
    assert "code" not in reply.told
    return reply.told


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge": CHALLENGE[:-1]},
        {"code_challenge": CHALLENGE + "A" * 86},
        {"code_challenge": CHALLENGE[:-1] + "="},
        {"code_challenge": None},
    ],
    ids=str,
)
async def test_nothing_is_authorized_without_pkce_by_s256(house: House, client: str, changes: dict[str, Any]) -> None:
    """B06."""
    answer = await told(house, client, **changes)
    assert (answer["error"], answer["state"]) == ("invalid_request", "a state")


@pytest.mark.parametrize("kind", ["token", "id_token", "code token", "none", "", None])
async def test_there_is_no_other_response_type_than_code(house: House, client: str, kind: str | None) -> None:
    """B28."""
    assert (await told(house, client, response_type=kind))["error"] == "unsupported_response_type"


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
async def test_a_response_is_never_in_a_fragment(house: House, client: str, mode: str) -> None:
    assert (await told(house, client, response_mode=mode))["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["request", "request_uri"])
async def test_a_request_by_reference_is_refused_and_not_fetched(house: House, client: str, name: str) -> None:
    answer = await told(house, client, **{name: "https://evil.example/request"})
    assert answer["error"] == f"{name}_not_supported"
    assert house.web.fetched == []


@pytest.mark.parametrize(
    "uri",
    [
        WEB + "/more",
        WEB[:-1],
        "https://app.example/Callback",
        "https://APP.example/callback",
        "HTTPS://app.example/callback",
        "https://app.example:443/callback",
        "https://app.example/callback/",
        "https://app.example/x/../callback",
        "https://app.example/x/%2e%2e/callback",
        "https://app.example/%63allback",
        WEB + "?extra=1",
        WEB + "?",
        WEB + "#frag",
        "https://app.example/other",
        "https://app.example/other?keep=2",
        "https://evil@app.example/callback",
        "https://app.example@evil.example/callback",
        "https://app.example\\@evil.example/callback",
        "https://app.example.evil.example/callback",
        "https://evil.example/callback",
        "https://*.example/callback",
        "https://аpp.example/callback",
        "http://app.example/callback",
        "//app.example/callback",
        "javascript:alert(1)",
        "",
        " " + WEB,
        WEB + "\r\nX-Evil: 1",
        "http://localhost/callback",
        "http://[::1]/callback",
        "http://127.0.0.1/other",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:1x/callback",
        "http://127.0.0.1@evil.example:80/callback",
        "https://127.0.0.1/callback",
        "http://127.0.0.2/callback",
    ],
)
async def test_an_address_that_is_not_the_clients_is_shown_and_never_redirected_to(house: House, uri: str) -> None:
    """B08."""
    client = (await house.register(WEB, "http://127.0.0.1/callback", "https://app.example/other?keep=1"))["client_id"]
    for changes in ({}, {"code_challenge": None}):
        reply = await house.authorize(client, redirect_uri=uri, **changes)
        assert reply.status == 400
        assert "location" not in reply.headers
        assert "not one of this client" in reply.text


@pytest.mark.parametrize("uri", [LOOPBACK, "http://127.0.0.1/callback", "http://localhost:1/callback", WEB])
async def test_only_the_port_of_a_loopback_may_be_another(house: House, client: str, uri: str) -> None:
    """B08."""
    assert (await house.authorize(client, redirect_uri=uri)).status == 200


async def test_a_redirect_keeps_its_own_query(house: House, client: str) -> None:
    reply = await house.consent(client, redirect_uri="https://app.example/other?keep=1")
    assert reply.told.keys() == {"keep", "code", "state", "iss"}


async def test_an_unknown_client_is_told_to_the_person(house: House) -> None:
    reply = await house.authorize("tl-unknown")
    assert reply.status == 400
    assert "location" not in reply.headers
    assert "connect it again" in reply.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_two_clients_or_two_addresses_are_none(house: House, client: str, name: str) -> None:
    reply = await house.ask("GET", f"/oauth/authorize?{house.query(client)}&{name}=https://evil.example/", "ada")
    assert reply.status == 400
    assert "location" not in reply.headers


async def test_any_other_parameter_that_comes_twice_is_refused(house: House, client: str) -> None:
    reply = await house.ask("GET", f"/oauth/authorize?{house.query(client)}&scope=mcp", "ada")
    assert reply.told["error"] == "invalid_request"


GOOD_RESOURCES = ["{}/mcp", "{}/mcp/", "{}/mcp/t/echo", "HTTP://127.0.0.1:{port}/mcp", None]


@pytest.mark.parametrize("resource", GOOD_RESOURCES)
async def test_a_resource_is_compared_in_its_canonical_form(house: House, client: str, resource: str | None) -> None:
    """B21: missing is /mcp, a slash at the end and capitals in scheme and host mean nothing."""
    port = house.base.rpartition(":")[2]
    asked = resource and resource.format(house.base, port=port)
    tokens = await house.tokens(client, resource=asked)
    path = "/mcp/t/echo" if asked and asked.endswith("echo") else "/mcp"
    assert (await house.call(tokens["access_token"], path)).status == 200


@pytest.mark.parametrize(
    "resource",
    [
        "https://evil.example/mcp",
        "{}.evil.example/mcp",
        "{}",
        "{}/",
        "{}/other",
        "{}/mcp#fragment",
        "{}/mcp?query",
        "{}/MCP",
        "{}/mcp/t/a/b",
        "{}/mcp/../mcp",
        "{}/%6dcp",
        "http://user@127.0.0.1/mcp",
        "mcp",
        "",
    ],
)
async def test_a_resource_that_is_not_of_this_server_is_an_invalid_target(
    house: House, client: str, resource: str
) -> None:
    """B21."""
    assert (await told(house, client, resource=resource.format(house.base)))["error"] == "invalid_target"


async def test_two_resources_are_an_invalid_target(house: House, client: str) -> None:
    """B21: a token is for exactly one."""
    both = f"{house.query(client)}&resource={house.base}/mcp/t/echo"
    assert (await house.ask("GET", f"/oauth/authorize?{both}", "ada")).told["error"] == "invalid_target"


@pytest.mark.parametrize("scope", ["admin", "mcp admin", "mcp:write", "*"])
async def test_a_scope_that_there_is_not_is_refused(house: House, client: str, scope: str) -> None:
    """B22."""
    assert (await told(house, client, scope=scope))["error"] == "invalid_scope"


async def test_a_client_gets_no_scope_that_it_did_not_register(house: House) -> None:
    """B22."""
    client = (await house.register(scope="mcp:read"))["client_id"]
    assert (await told(house, client, scope="mcp"))["error"] == "invalid_scope"
    assert (await house.tokens(client, scope="mcp:read"))["scope"] == "mcp:read"


@pytest.mark.parametrize(
    ("scope", "given"), [(None, "mcp"), ("mcp:read", "mcp:read"), ("offline_access mcp", "mcp offline_access")]
)
async def test_scopes_are_granted_as_asked(house: House, client: str, scope: str | None, given: str) -> None:
    assert (await house.tokens(client, scope=scope))["scope"] == given


async def test_a_client_may_forbid_to_ask_anything(house: House, client: str) -> None:
    reply = await house.authorize(client, who="", prompt="none")
    assert (reply.told["error"], reply.told["iss"]) == ("login_required", house.base)
    assert (await told(house, client, prompt="none"))["error"] == "consent_required"


async def test_a_state_that_is_too_long_is_not_sent_back(house: House, client: str) -> None:
    answer = await told(house, client, state="s" * 5_000)
    assert answer["error"] == "invalid_request"
    assert "state" not in answer
