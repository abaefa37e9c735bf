"""The consent page: who is asked, what they see, and that nobody else can answer for them."""

import re

import pytest

from tests.identity.oauth.house import ADA, BOB, LOOPBACK, WEB, House, inputs
from trunkline.infra.fetch import Fetched

OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def client(house: House) -> str:
    return (await house.register(WEB, "http://127.0.0.1/callback", "cursor://anysphere.cursor-mcp/oauth/callback"))[
        "client_id"
    ]


async def test_every_new_client_is_asked_about_and_gets_no_code_without_a_form(house: House, client: str) -> None:
    """B11: whatever the user has consented to before."""
    await house.consent(client)
    other = (await house.register())["client_id"]
    page = await house.authorize(other)
    assert page.status == 200
    assert "location" not in page.headers
    assert "Tester" in page.text


async def test_a_consent_is_remembered_for_the_same_client_and_host(house: House, client: str) -> None:
    await house.consent(client)
    again = await house.authorize(client)
    assert again.status == 303
    assert again.told["code"]
    for changes in ({"resource": f"{house.base}/mcp/t/echo"}, {"prompt": "consent"}, {"scope": "mcp offline_access"}):
        assert (await house.authorize(client, **changes)).status == 200
    assert (await house.authorize(client, who="bob")).status == 200


@pytest.mark.parametrize("uri", [LOOPBACK, "cursor://anysphere.cursor-mcp/oauth/callback"])
async def test_an_application_on_the_users_machine_is_asked_about_every_time(
    house: House, client: str, uri: str
) -> None:
    """Anything may listen on the loopback, or take a scheme."""
    for _ in range(2):
        assert (await house.authorize(client, redirect_uri=uri)).status == 200
        await house.consent(client, redirect_uri=uri)


async def test_a_client_known_by_its_document_is_asked_about_every_time(house: House) -> None:
    """GHSA-6x8h: everybody knows its id, so an attacker's server could ride on an old consent."""
    id = "https://app.example/client.json"
    house.web.documents[id] = Fetched(
        200,
        {"content-type": "application/json"},
        b'{"client_id":"%b","client_name":"Known","redirect_uris":["%b"]}' % (id.encode(), WEB.encode()),
    )
    await house.consent(id)
    page = await house.authorize(id)
    assert page.status == 200
    assert id in page.text


async def test_a_page_made_for_one_browser_cannot_be_sent_from_another(house: House, client: str) -> None:
    """B12: with her own session and her own form token, Bob's page is refused from Ada's browser."""
    page = await house.authorize(client, who="bob")
    for csrf in (BOB.csrf, ADA.csrf):
        reply = await house.submit(page, who="ada", csrf=csrf)
        assert reply.status == 403
        assert "location" not in reply.headers
    assert (await house.submit(page, who="")).status != 303
    assert (await house.submit(page, who="bob")).told["code"]


@pytest.mark.parametrize(
    "changes", [{"csrf": ""}, {"csrf": "csrf-bob"}, {"seal": ""}, {"seal": "1.0"}, {"seal": "x.y"}]
)
async def test_a_form_without_its_tokens_is_refused(house: House, client: str, changes: dict[str, str]) -> None:
    """B14."""
    reply = await house.submit(await house.authorize(client), **changes)
    assert (reply.status, "location" in reply.headers) == (403, False)


async def test_the_seal_of_one_request_does_not_open_another(house: House, client: str) -> None:
    """B14: a token from another transaction."""
    one, other = await house.authorize(client), await house.authorize(client, redirect_uri=LOOPBACK)
    reply = await house.submit(one, seal=inputs(other.text)["seal"])
    assert reply.status == 403
    changed = inputs(one.text)["request"].replace("scope=mcp", "scope=mcp+offline_access")
    assert (await house.submit(one, request=changed)).status == 403


async def test_consent_cannot_be_given_by_a_link(house: House, client: str) -> None:
    """B14: GET approve."""
    form = inputs((await house.authorize(client)).text)
    link = f"/oauth/authorize?{house.query(client)}&decision=allow&csrf={form['csrf']}&seal={form['seal']}"
    assert (await house.ask("GET", link, "ada")).status == 200


async def test_two_tabs_opened_at_once_can_both_be_answered(house: House, client: str) -> None:
    """B14: also in the other order."""
    one, other = await house.authorize(client, state="1"), await house.authorize(client, state="2")
    assert (await house.submit(other)).told["state"] == "2"
    assert (await house.submit(one)).told["state"] == "1"


async def test_a_form_is_good_for_ten_minutes(house: House, client: str) -> None:
    page = await house.authorize(client)
    house.clock.at += 600
    assert (await house.submit(page)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", **OWN},
        {"origin": "http://localhost:3000", **OWN},
        {"origin": "null", **OWN},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_a_form_from_another_site_is_refused_even_with_good_tokens(
    house: House, client: str, headers: dict[str, str]
) -> None:
    """B14: pages on other ports of this machine are other sites, though they share its cookies."""
    form = {**inputs((await house.authorize(client)).text), "decision": "allow", "access": "all"}
    reply = await house.ask("POST", "/oauth/authorize", "ada", data=form, headers=headers)
    assert (reply.status, "location" in reply.headers) == (403, False)


async def test_the_page_cannot_be_framed_and_leads_to_the_client_alone(house: House, client: str) -> None:
    """B15."""
    page = await house.authorize(client)
    assert page.headers["x-frame-options"] == "DENY"
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


NAMES = {
    "<img src=x onerror=alert(1)>": "&lt;img src=x onerror=alert(1)&gt;",
    "Claude\u202eedoC": "ClaudeedoC",
    "a\u200bb\u2066c\u0000d\ne": "abcde",
    "x" * 10_000: "x" * 59 + "…",
    "": "A client without a name",
    "\u202e\u200b ": "A client without a name",
}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:12])
async def test_a_clients_name_is_text_of_one_short_line(house: House, name: str) -> None:
    """B16."""
    client = await house.register(client_name=name)
    page = await house.authorize(client["client_id"])
    assert f"<bdi>{NAMES[name]}</bdi>" in page.text
    assert "<img" not in page.text


@pytest.mark.parametrize("logo", ["javascript:alert(1)", "http://169.254.169.254/latest", "https://evil.example/l.png"])
async def test_a_clients_logo_is_neither_fetched_nor_shown(house: House, logo: str) -> None:
    """B16."""
    client = await house.register(logo_uri=logo, client_uri=logo, tos_uri=logo, policy_uri=logo, jwks_uri=logo)
    page = await house.authorize(client["client_id"])
    assert logo not in page.text
    assert house.web.fetched == []


async def test_the_page_says_who_gets_the_answer(house: House, client: str) -> None:
    assert "<b>app.example</b>" in (await house.authorize(client)).text
    assert "on this computer" in (await house.authorize(client, redirect_uri=LOOPBACK)).text
    app = await house.authorize(client, redirect_uri="cursor://anysphere.cursor-mcp/oauth/callback")
    assert "<b>cursor:</b>" in app.text
    assert "form-action 'self' cursor:" in app.headers["content-security-policy"]


async def test_the_user_may_allow_less_than_was_asked_for(house: House, client: str) -> None:
    reply = await house.submit(await house.authorize(client), access="read")
    tokens = (await house.redeem(client, reply.told["code"])).json
    assert tokens["scope"] == "mcp:read"
    assert (await house.authorize(client)).status == 200  # what was remembered is less than what is asked for again


async def test_a_viewer_can_only_allow_to_read(house: House, client: str) -> None:
    page = await house.authorize(client, who="vic")
    assert 'type="radio"' not in page.text
    reply = await house.submit(page, who="vic", access="all")
    assert (await house.redeem(client, reply.told["code"])).json["scope"] == "mcp:read"


async def test_nothing_on_the_page_runs(house: House, client: str) -> None:
    """G01."""
    page = await house.authorize(client, state='"><script>alert(1)</script>')
    assert not re.search(r"<script|<style|\son\w+=|javascript:", page.text)
