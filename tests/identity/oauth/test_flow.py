"""The whole way: a challenge, two documents, a registration, a consent, tokens, a call."""

from urllib.parse import urlsplit

import pytest
from aiohttp import encode_basic_auth

from tests.identity.oauth.house import LOOPBACK, WEB, House


async def test_a_client_finds_everything_from_the_url_alone(house: House) -> None:
    refused = await house.ask("POST", "/mcp", json={})
    assert refused.status == 401
    url = refused.headers["www-authenticate"].split('resource_metadata="')[1].split('"')[0]
    resource = (await house.ask("GET", url)).json
    assert resource["resource"] == f"{house.base}/mcp"
    (issuer,) = resource["authorization_servers"]
    server = (await house.ask("GET", f"{issuer}/.well-known/oauth-authorization-server")).json
    assert server["issuer"] == issuer
    client = (await house.ask("POST", server["registration_endpoint"], json={"redirect_uris": [WEB]})).json
    tokens = await house.tokens(client["client_id"])
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 900, "mcp")
    called = await house.call(tokens["access_token"])
    assert called.status == 200
    assert called.json["result"]["tools"]


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(house: House) -> None:
    client = (await house.register())["client_id"]
    reply = await house.authorize(client, who="")
    assert reply.status == 303
    assert urlsplit(reply.location).path == "/login"
    back = reply.told["next"]
    assert back == f"/oauth/authorize?{house.query(client)}"
    assert (await house.ask("GET", back, "ada")).status == 200


async def test_the_response_carries_code_state_and_issuer_once_each(house: House) -> None:
    client = (await house.register())["client_id"]
    reply = await house.consent(client)
    assert reply.location.startswith(f"{WEB}?")
    assert reply.told.keys() == {"code", "state", "iss"}
    assert (reply.told["state"], reply.told["iss"]) == ("a state", house.base)


async def test_a_refusal_is_told_to_the_client_with_the_issuer(house: House) -> None:
    client = (await house.register())["client_id"]
    reply = await house.submit(await house.authorize(client), decision="deny")
    assert reply.told["error"] == "access_denied"
    assert (reply.told["state"], reply.told["iss"]) == ("a state", house.base)
    assert "code" not in reply.told
    assert house.events[-1].act == "grant.deny"


async def test_the_principal_is_the_user_who_consented(house: House) -> None:
    client = (await house.register())["client_id"]
    for who in ("ada", "bob"):
        token = (await house.tokens(client, who))["access_token"]
        host = urlsplit(house.base).netloc.encode()
        admitted = await house.authenticator.admit(f"Bearer {token}".encode(), host, "/mcp")
        assert (admitted.principal.subject, admitted.principal.organization) == (who, "acme")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_client_with_a_secret_must_show_it_its_own_way_or_the_other(house: House, method: str) -> None:
    client = await house.register(token_endpoint_auth_method=method)
    told = (await house.consent(client["client_id"])).told
    without = await house.redeem(client["client_id"], told["code"])
    assert (without.status, without.json["error"]) == (401, "invalid_client")
    wrong = await house.redeem(client["client_id"], told["code"], client_secret=client["client_secret"] + "x")
    assert wrong.status == 401
    good = await house.redeem(client["client_id"], told["code"], client_secret=client["client_secret"])
    assert good.status == 200


async def test_a_secret_may_come_as_basic_credentials(house: House) -> None:
    client = await house.register(token_endpoint_auth_method="client_secret_basic")
    told = (await house.consent(client["client_id"])).told
    authorization = encode_basic_auth(client["client_id"], client["client_secret"])
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": WEB,
        "code_verifier": "v" * 50,
    }
    wrong = await house.token(form, authorization=encode_basic_auth(client["client_id"], "x"))
    assert (wrong.status, wrong.headers["www-authenticate"]) == (401, 'Basic realm="trunkline"')
    both = await house.token({**form, "client_secret": client["client_secret"]}, authorization=authorization)
    assert both.status == 401
    assert (await house.token(form, authorization=authorization)).status == 200


async def test_a_loopback_client_comes_back_on_whatever_port_it_got(house: House) -> None:
    client = (await house.register("http://127.0.0.1/callback"))["client_id"]
    tokens = await house.tokens(client, redirect_uri=LOOPBACK)
    assert (await house.call(tokens["access_token"])).status == 200


async def test_token_answers_are_never_stored(house: House) -> None:
    client = (await house.register())["client_id"]
    reply = await house.redeem(client, (await house.consent(client)).told["code"])
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"] == "application/json"
