"""Dynamic registration: anybody may register, so little comes of it, and not for long."""

from typing import Any

import pytest

from tests.identity.oauth.house import WEB, House
from trunkline.identity.oauth.registry import IDLE_SECONDS, MOST_UNUSED, UNUSED_SECONDS


async def refused(house: House, **metadata: Any) -> str:
    reply = await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB], **metadata})
    assert reply.status == 400, reply.text
    return reply.json["error"]


async def test_what_clients_of_today_send_is_accepted(house: House) -> None:
    for uris in (
        ["https://claude.ai/api/mcp/auth_callback"],
        ["http://localhost:54545/callback"],
        ["cursor://anysphere.cursor-mcp/oauth/callback", "https://www.cursor.com/agents/mcp/oauth/callback"],
        ["http://127.0.0.1/", "http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
        ["vscode-insiders://vscode.github-authentication/did-authenticate"],
        ["http://127.0.0.1:6276/oauth/callback"],
        ["http://[::1]:8080/callback"],
    ):
        made = await house.register(*uris, grant_types=["authorization_code", "refresh_token"], response_types=["code"])
        assert made["redirect_uris"] == uris
        assert made["token_endpoint_auth_method"] == "none"
        assert "client_secret" not in made


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/callback",
        "https://app.example/callback#x",
        "https://user@app.example/callback",
        "https://app.example/../callback",
        "https://app.example/%2e%2e/callback",
        "https://app.example/%252e%252e/callback",
        "https://APP.example/callback",
        "https://*.example/callback",
        "https://аpp.example/callback",
        "https://169.254.169.254/callback",
        "https://app/callback",
        "https://app.example:0/callback",
        "https://app.example:70000/callback",
        "https://app.example\\@evil.example/callback",
        "https://app.example/a b",
        "https:///callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "myapp://callback",
        "vscode:callback",
        "http://localhost.evil.example/callback",
        "http://0.0.0.0/callback",
        "https://app.example/" + "x" * 3_000,
        "",
    ],
    ids=lambda uri: uri[:50],
)
async def test_a_redirect_uri_that_could_lead_elsewhere_is_refused(house: House, uri: str) -> None:
    """B08."""
    assert await refused(house, redirect_uris=[WEB, uri]) == "invalid_redirect_uri"


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"https://app.example/{number}" for number in range(10_000)]}, "too large"),
        ({"redirect_uris": [f"https://app.example/{number}" for number in range(21)]}, "invalid_redirect_uri"),
        ({"redirect_uris": WEB}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": ["code", "token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"scope": "mcp admin"}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_metadata_that_asks_for_more_than_there_is_is_refused(
    house: House, metadata: dict[str, Any], error: str
) -> None:
    """B20."""
    reply = await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB], **metadata})
    if error == "too large":
        assert reply.status in (400, 413)
    else:
        assert (reply.status, reply.json["error"]) == (400, error)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b'{"redirect_uris":' * 1_000])
async def test_what_is_no_metadata_is_refused(house: House, body: bytes) -> None:
    reply = await house.ask("POST", "/oauth/register", data=body, headers={"content-type": "application/json"})
    assert (reply.status, reply.json["error"]) == (400, "invalid_client_metadata")


async def test_a_client_does_not_choose_its_id_or_secret(house: House) -> None:
    """B20."""
    made = await house.register(
        client_id="admin", client_secret="mine", token_endpoint_auth_method="client_secret_post"
    )
    assert made["client_id"] != "admin"
    assert made["client_secret"] not in ("mine", "")
    assert (await house.authorize("admin")).status == 400


async def test_a_flood_of_registrations_is_held_up(house: House) -> None:
    """B20: a thousand in a minute."""
    statuses = [(await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB]})).status for _ in range(100)]
    assert statuses == [201] * 20 + [429] * 80
    house.clock.at += 60
    reply = await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB]})
    assert reply.status == 201


async def test_a_refusal_for_a_flood_says_when_to_come_back(house: House) -> None:
    for _ in range(20):
        await house.register()
    reply = await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB]})
    assert (reply.status, reply.headers["retry-after"]) == (429, "60")


async def test_a_client_that_nobody_uses_expires(house: House) -> None:
    """B20."""
    client = (await house.register())["client_id"]
    house.clock.at += UNUSED_SECONDS - 1
    assert (await house.authorize(client)).status == 200
    house.clock.at += 2
    assert (await house.authorize(client)).status == 400


async def test_a_client_in_use_stays_until_it_has_not_been_used_for_long(house: House) -> None:
    client = (await house.register())["client_id"]
    tokens = await house.tokens(client)
    for _ in range(6):
        house.clock.at += IDLE_SECONDS / 4
        tokens = (await house.refresh(client, tokens["refresh_token"])).json
    assert (await house.authorize(client)).status == 303
    house.clock.at += IDLE_SECONDS + 1
    assert (await house.authorize(client)).status == 400


async def test_only_so_many_clients_may_wait_to_be_used(house: House) -> None:
    """B20: from ever new addresses."""
    server = house.server
    body = b'{"redirect_uris":["%b"]}' % WEB.encode()
    for number in range(MOST_UNUSED):
        house.clock.at += 1
        await server.register(body, f"10.0.{number // 256}.{number % 256}")
    house.clock.at += 1
    reply = await house.ask("POST", "/oauth/register", json={"redirect_uris": [WEB]})
    assert reply.status == 429
