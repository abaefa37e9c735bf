"""The token endpoint: what is redeemed once, what may be sent again, and what ends a grant."""

import asyncio
import statistics
import time
from typing import Any

import pytest

from tests.identity.oauth.house import LOOPBACK, VERIFIER, WEB, House
from trunkline.identity.oauth.clients import Client
from trunkline.identity.oauth.exchange import Presented, authenticate
from trunkline.identity.oauth.faults import OAuthFault
from trunkline.identity.oauth.grants import GRACE_SECONDS, IDLE_SECONDS, LIFE_SECONDS
from trunkline.identity.oauth.registry import Registered

INVALID = (400, "invalid_grant")


@pytest.fixture
async def client(house: House) -> str:
    return (await house.register(WEB, "http://127.0.0.1/callback"))["client_id"]


async def code(house: House, client: str, **changes: str | None) -> str:
    return (await house.consent(client, **changes)).told["code"]


def said(reply: Any) -> tuple[int, str]:
    return reply.status, reply.json["error"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "w" * 50},
        {"code_verifier": "v" * 42},
        {"code_verifier": "v" * 129},
        {"code_verifier": VERIFIER + " "},
        {"redirect_uri": "https://app.example/other"},
        {"redirect_uri": LOOPBACK},
        {"code": "tlc_guess"},
        {"code": ""},
        {"code": None},
    ],
    ids=str,
)
async def test_a_code_is_worth_nothing_without_what_belongs_to_it(
    house: House, client: str, changes: dict[str, str | None]
) -> None:
    """B06. And its owner can still redeem it."""
    good = await code(house, client)
    assert said(await house.redeem(client, good, **changes)) == INVALID
    assert (await house.redeem(client, good)).status == 200


async def test_a_code_of_another_client_is_worth_nothing(house: House, client: str) -> None:
    """B06: the mix-up of two clients."""
    other = (await house.register())["client_id"]
    assert said(await house.redeem(other, await code(house, client))) == INVALID


async def test_a_code_got_under_one_name_of_the_gateway_is_worth_nothing_under_another(
    house: House, client: str
) -> None:
    """The mix-up of two issuers: localhost and 127.0.0.1."""
    good = await code(house, client)
    form = {"grant_type": "authorization_code", "client_id": client, "code": good, "redirect_uri": WEB}
    host = f"localhost:{house.base.rpartition(':')[2]}"
    assert said(await house.token({**form, "code_verifier": VERIFIER}, host=host)) == INVALID


async def test_a_code_expires_within_a_minute(house: House, client: str) -> None:
    good = await code(house, client)
    house.clock.at += 60
    assert said(await house.redeem(client, good)) == INVALID


async def test_a_replayed_code_ends_everything_that_came_from_it(house: House, client: str) -> None:
    """RFC 6749 section 4.1.2."""
    good = await code(house, client)
    tokens = (await house.redeem(client, good)).json
    assert said(await house.redeem(client, good)) == INVALID
    assert (await house.call(tokens["access_token"])).status == 401
    assert said(await house.refresh(client, tokens["refresh_token"])) == INVALID
    assert (house.events[-1].act, house.events[-1].outcome) == ("grant.end", "refused")
    assert good not in str(house.events)


async def test_of_parallel_redemptions_one_succeeds_at_most(house: House, client: str) -> None:
    good = await code(house, client)
    replies = await asyncio.gather(*(house.redeem(client, good) for _ in range(5)))
    assert [reply.status for reply in replies].count(200) <= 1


async def test_a_grant_for_one_resource_gives_no_token_for_another(house: House, client: str) -> None:
    """B02, B21."""
    other = f"{house.base}/mcp/t/echo"
    assert (await house.redeem(client, await code(house, client), resource=other)).json["error"] == "invalid_target"
    tokens = await house.tokens(client)
    assert said(await house.refresh(client, tokens["refresh_token"], resource=other)) == (400, "invalid_target")
    assert (await house.refresh(client, tokens["refresh_token"], resource=f"{house.base}/mcp")).status == 200


async def test_a_refresh_token_is_rotated_and_its_successor_works(house: House, client: str) -> None:
    token = (await house.tokens(client))["refresh_token"]
    seen = {token}
    for _ in range(5):
        reply = await house.refresh(client, token)
        assert (await house.call(reply.json["access_token"])).status == 200
        token = reply.json["refresh_token"]
        assert token not in seen
        seen.add(token)
        house.clock.at += 600


async def test_parallel_refreshes_with_one_token_all_get_a_working_successor(house: House, client: str) -> None:
    """B24."""
    token = (await house.tokens(client))["refresh_token"]
    replies = await asyncio.gather(*(house.refresh(client, token) for _ in range(5)))
    assert [reply.status for reply in replies] == [200] * 5
    for reply in replies:
        assert (await house.call(reply.json["access_token"])).status == 200
    house.clock.at += GRACE_SECONDS / 2
    late = await house.refresh(client, token)
    assert late.status == 200
    successors = {reply.json["refresh_token"] for reply in [*replies, late]}
    assert len(successors) == 1
    house.clock.at += 900
    assert (await house.refresh(client, successors.pop())).status == 200


async def test_a_retry_after_others_have_gone_on_gets_the_newest_token(house: House, client: str) -> None:
    """B24: several processes share one stored token."""
    first = (await house.tokens(client))["refresh_token"]
    second = (await house.refresh(client, first)).json["refresh_token"]
    third = (await house.refresh(client, second)).json["refresh_token"]
    assert (await house.refresh(client, first)).json["refresh_token"] == third


async def test_a_token_that_comes_back_after_the_grace_ends_the_grant(house: House, client: str) -> None:
    """B25."""
    tokens = await house.tokens(client)
    newer = (await house.refresh(client, tokens["refresh_token"])).json
    house.clock.at += GRACE_SECONDS
    assert said(await house.refresh(client, tokens["refresh_token"])) == INVALID
    assert said(await house.refresh(client, newer["refresh_token"])) == INVALID
    assert (await house.call(newer["access_token"])).status == 401
    event = house.events[-1]
    assert (event.act, event.outcome, event.actor, event.organization) == ("grant.end", "refused", "ada", "acme")
    assert event.detail["why"] == "refresh token was used again"
    assert tokens["refresh_token"] not in str(house.events)


async def test_a_token_in_another_clients_hands_ends_the_grant(house: House, client: str) -> None:
    """B25."""
    token = (await house.tokens(client))["refresh_token"]
    other = (await house.register())["client_id"]
    assert said(await house.refresh(other, token)) == INVALID
    assert said(await house.refresh(client, token)) == INVALID
    assert house.events[-1].outcome == "refused"


async def test_a_disabled_users_token_ends_the_grant(house: House, client: str) -> None:
    """B25: also after the user has come back."""
    token = (await house.tokens(client))["refresh_token"]
    house.people.roles["ada"] = None
    assert said(await house.refresh(client, token)) == INVALID
    assert house.events[-1].act == "grant.end"
    house.people.roles["ada"] = "member"
    assert said(await house.refresh(client, token)) == INVALID


async def test_one_users_reuse_ends_nobody_elses_grant(house: House, client: str) -> None:
    """P13."""
    ada, bob = await house.tokens(client), await house.tokens(client, "bob")
    await house.refresh(client, ada["refresh_token"])
    house.clock.at += GRACE_SECONDS
    await house.refresh(client, ada["refresh_token"])
    assert (await house.call(bob["access_token"])).status == 200
    assert (await house.refresh(client, bob["refresh_token"])).status == 200


async def test_a_refresh_never_widens_what_was_granted(house: House, client: str) -> None:
    """B22."""
    token = (await house.tokens(client, scope="mcp:read"))["refresh_token"]
    assert said(await house.refresh(client, token, scope="mcp")) == (400, "invalid_scope")
    whole = (await house.tokens(client))["refresh_token"]
    assert (await house.refresh(client, whole, scope="mcp:read")).json["scope"] == "mcp:read"


async def test_a_refresh_token_that_is_not_used_expires(house: House, client: str) -> None:
    token = (await house.tokens(client))["refresh_token"]
    house.clock.at += IDLE_SECONDS
    assert said(await house.refresh(client, token)) == INVALID


async def test_a_grant_ends_however_often_it_is_refreshed(house: House, client: str) -> None:
    token = (await house.tokens(client))["refresh_token"]
    for _ in range(8):
        house.clock.at += LIFE_SECONDS / 8 - 1
        reply = await house.refresh(client, token)
        token = reply.json["refresh_token"]
    house.clock.at += 60
    assert said(await house.refresh(client, token)) == INVALID


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_a_client_may_revoke_either_token_and_both_are_gone(house: House, client: str, which: str) -> None:
    """RFC 7009."""
    tokens = await house.tokens(client)
    reply = await house.ask("POST", "/oauth/revoke", data={"client_id": client, "token": tokens[which]})
    assert reply.status == 200
    assert (await house.call(tokens["access_token"])).status == 401
    assert said(await house.refresh(client, tokens["refresh_token"])) == INVALID
    assert house.events[-1].act == "grant.revoke"


async def test_a_client_revokes_nobody_elses_tokens_and_learns_nothing(house: House, client: str) -> None:
    tokens = await house.tokens(client)
    other = (await house.register())["client_id"]
    for token in (tokens["access_token"], tokens["refresh_token"], "tlr_guess", ""):
        assert (await house.ask("POST", "/oauth/revoke", data={"client_id": other, "token": token})).status == 200
    assert (await house.call(tokens["access_token"])).status == 200


@pytest.mark.parametrize(
    "grant",
    ["password", "implicit", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "", None],
)
async def test_there_is_no_other_grant(house: House, client: str, grant: str | None) -> None:
    """B28."""
    form = {"grant_type": grant, "client_id": client, "username": "ada", "password": "x"}
    assert said(await house.token(form)) == (400, "unsupported_grant_type")


async def test_an_unknown_client_is_told_to_register_anew(house: House) -> None:
    form = {"grant_type": "refresh_token", "client_id": "tl-gone", "refresh_token": "x"}
    assert said(await house.token(form)) == (401, "invalid_client")


@pytest.mark.parametrize("name", ["client_id", "code", "grant_type"])
async def test_a_parameter_that_comes_twice_is_refused(house: House, client: str, name: str) -> None:
    body = f"grant_type=authorization_code&client_id={client}&code=x&{name}=y"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    reply = await house.ask("POST", "/oauth/token", data=body, headers=headers)
    assert said(reply) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
async def test_the_token_endpoint_takes_forms_only(house: House, kind: str) -> None:
    reply = await house.ask("POST", "/oauth/token", data=b"{}", headers={"content-type": kind})
    assert said(reply) == (400, "invalid_request")


async def test_browser_clients_may_call_the_endpoints_without_cookies(house: House) -> None:
    """A16."""
    for path in ("/oauth/token", "/oauth/register", "/oauth/revoke", "/.well-known/oauth-authorization-server"):
        reply = await house.ask("OPTIONS", path, headers={"origin": "http://localhost:6274"})
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "*")
        assert "access-control-allow-credentials" not in reply.headers
    reply = await house.token({}, origin="http://localhost:6274")
    assert reply.headers["access-control-allow-origin"] == "*"


def test_no_repr_shows_a_secret() -> None:
    """D02."""
    client = Client("tl-1", "", (WEB,))
    assert "canary" not in repr(Presented("tl-1", "canary", "client_secret_post"))
    assert "canary" not in repr(Registered(client, "canary", 0.0))


def test_a_wrong_secret_takes_as_long_as_a_client_that_is_not_there() -> None:
    """B31."""
    client = Client("tl-1", "", (WEB,), "client_secret_post", secret=b"s" * 32)
    cases = {
        "unknown": (None, Presented("tl-2", "x" * 47, "client_secret_post")),
        "wrong": (client, Presented("tl-1", "x" * 47, "client_secret_post")),
    }
    taken: dict[str, list[int]] = {name: [] for name in cases}
    for _ in range(10_000):
        for name, (known, shown) in cases.items():
            before = time.perf_counter_ns()
            with pytest.raises(OAuthFault):
                authenticate(known, shown)
            taken[name].append(time.perf_counter_ns() - before)
    unknown, wrong = (statistics.median(taken[name]) for name in cases)
    assert abs(unknown - wrong) < 0.2 * wrong
