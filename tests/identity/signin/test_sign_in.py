"""Sign-in at an OpenID provider: only its right answer, in the browser that left, once."""

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import json
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.signin.providers import KEY, OTHER_KEY, OpenIdFake, answer
from tests.identity.site import START, URL, World, query_of
from tests.support.browser import Browser, Page
from trunkline.identity.signin.flow import FLOW_SECONDS, local_path
from trunkline.identity.tokens import base64url
from trunkline.infra.tables import sessions, users

ISSUER = "https://idp.example"


def fake(**changes: Any) -> OpenIdFake:
    return OpenIdFake(ISSUER, START, **changes)


async def world(engine: AsyncEngine, idp: OpenIdFake, **table: Any) -> World:
    settings = {"kind": "oidc", "id": "idp", "url": ISSUER, "join": True, **table}
    return await site.opened(engine, idp, (site.provider(**settings),))


async def leave(browser: Browser, path: str = "/auth/idp/start") -> str:
    page = await browser.get(path)
    assert page.status == 303, page.text
    return page.location


async def back(browser: Browser, query: str) -> Page:
    return await browser.get(f"/auth/idp/callback?{query}")


async def sign_in(at: World, idp: OpenIdFake, browser: Browser | None = None) -> tuple[Browser, Page]:
    browser = browser or at.browser()
    return browser, await back(browser, idp.approve(await leave(browser)))


async def counts(engine: AsyncEngine) -> tuple[int, int]:
    """Sessions and users besides the owner."""
    async with engine.connect() as connection:
        open_ = (await connection.execute(select(func.count()).select_from(sessions))).scalar_one()
        people = (await connection.execute(select(func.count()).select_from(users))).scalar_one()
    return open_, people - 1


REFUSED = (401, (0, 0), [("session.begin", "")])
FORBIDDEN = (403, *REFUSED[1:])


async def outcome(at: World, engine: AsyncEngine, page: Page) -> tuple[int, tuple[int, int], list[tuple[str, str]]]:
    """The page's status, what came to be, and the refusals that were written down: act and actor."""
    events = await at.identity.events.list("local")
    return page.status, await counts(engine), [(one.act, one.actor) for one in events if one.outcome == "refused"]


async def test_a_person_signs_in_and_is_shown_their_account(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser, page = await sign_in(at, idp)
    assert (page.status, page.location) == (303, "/account")
    assert "Alice" in (await browser.get("/account")).text
    assert [one.act for one in await at.identity.events.list("local")] == ["session.begin", "member.join"]


async def test_the_same_person_is_the_same_account_whatever_their_address_is_by_then(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    first = await at.signed_in((await sign_in(at, idp))[0])
    idp.claims = {"email": "other@acme.example", "name": "Alice B."}
    assert (await at.signed_in((await sign_in(at, idp))[0])).user == first.user


async def test_two_people_with_one_address_are_two_accounts(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    first = await at.signed_in((await sign_in(at, idp))[0])
    idp.claims = {"sub": "mallory"}
    assert (await at.signed_in((await sign_in(at, idp))[0])).user != first.user


async def test_the_request_has_a_challenge_a_nonce_and_a_state_and_none_of_them_twice(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    first, second = query_of(await leave(browser)), query_of(await leave(browser))
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) == 43
        assert first[name] != second[name]
    assert first["redirect_uri"] == f"{URL}/auth/idp/callback"


async def test_two_tabs_may_sign_in_side_by_side(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    first, second = await leave(browser), await leave(browser)
    assert (await back(browser, idp.approve(first))).status == 303
    assert (await back(browser, idp.approve(second))).status == 303


async def test_c06_an_answer_is_taken_once(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    query = idp.approve(await leave(browser))
    assert (await back(browser, query)).status == 303
    assert (await back(browser, query)).status == 401


async def test_b12_an_answer_in_another_browser_is_403_and_of_no_use_afterwards(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    attacker, victim = at.browser(), at.browser()
    await leave(victim)  # so that it has a cookie of its own
    query = idp.approve(await leave(attacker))
    assert await outcome(at, engine, await back(victim, query)) == FORBIDDEN
    assert (await back(attacker, query)).status == 401


async def test_c06_an_answer_without_our_cookie_is_refused(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    query = idp.approve(await leave(at.browser()))
    assert await outcome(at, engine, await back(at.browser(), query)) == REFUSED


@pytest.mark.parametrize("query", ["", "code=x", "code=x&state=", "code=x&state=guess", "state=a&state=b&code=x"])
async def test_c06_an_answer_without_a_state_of_ours_is_refused(engine: AsyncEngine, query: str):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    await leave(browser)
    assert await outcome(at, engine, await back(browser, query)) == REFUSED


async def test_c06_the_state_of_another_provider_is_refused(engine: AsyncEngine):
    idp = fake()
    providers = [site.provider(kind="oidc", id=id, url=ISSUER, join=True) for id in ("idp", "second")]
    at = await site.opened(engine, idp, tuple(providers))
    browser = at.browser()
    query = idp.approve(await leave(browser, "/auth/second/start"))
    assert await outcome(at, engine, await back(browser, query)) == REFUSED


async def test_c06_an_error_is_escaped_and_uses_the_sign_in_up(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    state = query_of(await leave(browser))["state"]
    error = {"error": "<img src=x onerror=alert(1)>", "error_description": "<script>alert(1)</script>", "state": state}
    page = await back(browser, urlencode(error))
    assert await outcome(at, engine, page) == REFUSED
    assert "<img" not in page.text
    assert "<script" not in page.text
    assert (await back(browser, urlencode({"code": "x", "state": state}))).status == 401


async def test_c06_a_wrong_nonce_is_refused(engine: AsyncEngine):
    idp = fake(claims={"nonce": "of-another-sign-in"})
    at = await world(engine, idp)
    assert await outcome(at, engine, (await sign_in(at, idp))[1]) == REFUSED


async def test_an_answer_too_late_is_refused(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    query = idp.approve(await leave(browser))
    at.clock.at += FLOW_SECONDS + 1
    assert await outcome(at, engine, await back(browser, query)) == REFUSED


@pytest.mark.parametrize("iss", ["https://evil.example", "https://idp.example/", ""])
async def test_an_answer_that_names_another_issuer_is_refused(engine: AsyncEngine, iss: str):
    """Mix-up (RFC 9207): none at all is refused too where the provider said it would name itself."""
    idp = fake(metadata={"authorization_response_iss_parameter_supported": True})
    at = await world(engine, idp)
    browser = at.browser()
    assert await outcome(at, engine, await back(browser, idp.approve(await leave(browser), iss=iss))) == REFUSED
    assert not any(url.endswith("/token") for url in idp.asked), "the code was not sent to anybody"


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "them"},
    "several audiences": {"aud": ["us", "them"]},
    "given to another": {"aud": ["us", "them"], "azp": "them"},
    "expired": {"exp": START - 61},
    "expiry as text": {"exp": str(START + 300)},
    "no expiry": {"exp": None},
    "from the future": {"iat": START + 3600},
    "not valid yet": {"nbf": START + 3600},
    "nobody": {"sub": ""},
    "subject is a number": {"sub": 7},
    "no nonce": {"nonce": None},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_b05_an_id_token_with_a_wrong_claim_is_refused(engine: AsyncEngine, claims: dict[str, Any]):
    idp = fake(claims=claims)
    at = await world(engine, idp)
    assert await outcome(at, engine, (await sign_in(at, idp))[1]) == REFUSED


def _unsigned(idp: OpenIdFake) -> None:
    idp.id_token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."


def _by_the_public_key(idp: OpenIdFake) -> None:
    """HS256, with the public key's text as the secret."""
    secret = KEY.as_pem(private=False)
    idp.id_token = _made(idp, {"alg": "HS256", "kid": "k1"}, lambda text: hmac.digest(secret, text, "sha256"))


def _critical(idp: OpenIdFake) -> None:
    """Rightly signed, and it asks for something that nobody here understands (RFC 7515 section 4.1.11)."""
    private = KEY.private_key
    assert private is not None
    idp.id_token = _made(
        idp,
        {"alg": "RS256", "kid": "k1", "crit": ["ours"], "ours": 1},
        lambda text: private.sign(text, PKCS1v15(), SHA256()),
    )


def _made(idp: OpenIdFake, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    (asked,) = idp.codes.values()
    parts = [base64url(json.encode(part)) for part in (header, idp.said(asked["nonce"]))]
    text = ".".join(parts)
    return f"{text}.{base64url(sign(text.encode()))}"


def _of_another_key(idp: OpenIdFake) -> None:
    idp.key = OTHER_KEY


def _of_an_unpublished_key(idp: OpenIdFake) -> None:
    idp.header, idp.key = {"alg": "RS256", "kid": "../../dev/null"}, OTHER_KEY


def _with_a_key_of_its_own(idp: OpenIdFake) -> None:
    idp.header = {"alg": "RS256", "kid": "k2", "jwk": OTHER_KEY.as_dict(private=False), "jku": "https://evil.example/k"}
    idp.key = OTHER_KEY


def _nothing(idp: OpenIdFake) -> None:
    idp.id_token = "no.token.atall"


@pytest.mark.parametrize(
    "spoil",
    [
        _unsigned,
        _by_the_public_key,
        _critical,
        _of_another_key,
        _of_an_unpublished_key,
        _with_a_key_of_its_own,
        _nothing,
    ],
)
async def test_b04_an_id_token_with_a_wrong_signature_is_refused(
    engine: AsyncEngine, spoil: Callable[[OpenIdFake], None]
):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    query = idp.approve(await leave(browser))
    spoil(idp)
    assert await outcome(at, engine, await back(browser, query)) == REFUSED
    assert not any("evil" in url for url in idp.asked), "a token does not say where its key lies"


async def test_a_clock_that_is_off_by_less_than_a_minute_does_no_harm(engine: AsyncEngine):
    idp = fake(claims={"iat": START + 50, "exp": START - 50})
    at = await world(engine, idp)
    assert (await sign_in(at, idp))[1].status == 303


async def test_b32_a_new_key_is_fetched_when_a_token_names_it(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    assert (await sign_in(at, idp))[1].status == 303
    idp.published, idp.key, idp.header = [KEY, OTHER_KEY], OTHER_KEY, {"alg": "RS256", "kid": "k2"}
    at.clock.at += 61
    idp.now = at.clock.at
    assert (await sign_in(at, idp))[1].status == 303
    idp.published = [OTHER_KEY]
    assert (await sign_in(at, idp))[1].status == 303


async def test_b32_random_key_ids_fetch_the_keys_once_a_minute(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    await sign_in(at, idp)
    for number in range(10):
        idp.header = {"alg": "RS256", "kid": f"random-{number}"}
        assert (await sign_in(at, idp))[1].status == 401
    assert sum(url.endswith("/jwks") for url in idp.asked) == 1


async def test_c10_a_provider_that_is_down_is_said_and_sessions_live_on(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    signed_in, _ = await sign_in(at, idp)
    for ending, broken in (("/token", None), ("/token", answer({}, 500)), ("/token", answer({}, 503))):
        idp.broken = {ending: broken}
        page = (await sign_in(at, idp))[1]
        assert (page.status, "canary" in page.text) == (503, False)
        assert (await signed_in.get("/account")).status == 200
    idp.broken = {}
    assert (await sign_in(at, idp))[1].status == 303


async def test_c10_without_metadata_or_keys_nobody_signs_in(engine: AsyncEngine):
    for ending, broken in (("openid-configuration", answer({}, 500)), ("/jwks", answer({}, 500)), ("/jwks", None)):
        idp = fake(broken={ending: broken})
        at = await world(engine, idp)
        browser = at.browser()
        page = await browser.get("/auth/idp/start")
        if page.status == 303:
            page = await back(browser, idp.approve(page.location))
        assert page.status == 503
        assert (await counts(engine))[0] == 0


async def test_c10_a_clock_ten_minutes_off_is_a_clear_error_and_no_bypass(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    idp.now = START + 600
    page = (await sign_in(at, idp))[1]
    assert await outcome(at, engine, page) == REFUSED
    assert "compare the clocks" in page.text


async def test_metadata_of_another_issuer_is_refused(engine: AsyncEngine):
    idp = fake(metadata={"issuer": "https://evil.example"})
    at = await world(engine, idp)
    assert (await at.browser().get("/auth/idp/start")).status == 502


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "https://x.example/\r\nset-cookie:a"])
async def test_an_address_of_the_metadata_that_no_browser_should_open_is_refused(engine: AsyncEngine, address: str):
    idp = fake(metadata={"authorization_endpoint": address})
    at = await world(engine, idp)
    assert (await at.browser().get("/auth/idp/start")).status == 502


BAD_NEXT = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example",
    "javascript:alert(1)", "/%0d%0aset-cookie:a=1\r\n", "/\tevil", " //evil", "", "account", "/\u2028x", "/é",
]  # fmt: skip


@pytest.mark.parametrize("next", BAD_NEXT)
async def test_c07_after_signing_in_the_browser_stays_with_us(engine: AsyncEngine, next: str):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    page = await back(browser, idp.approve(await leave(browser, f"/auth/idp/start?next={quote(next)}")))
    assert page.location == "/account"
    assert (await browser.get(f"/login?next={quote(next)}")).location == "/account"


async def test_c07_a_path_of_ours_is_gone_on_to(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    next = "/connect/github?x=1&y=%2F"
    page = await back(browser, idp.approve(await leave(browser, f"/auth/idp/start?next={quote(next)}")))
    assert page.location == next
    assert local_path("/a//b") == "/a//b"


async def test_domains_let_in_only_their_verified_addresses(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp, domains=["acme.example"])
    assert (await sign_in(at, idp))[1].status == 303
    for claims in ({"email_verified": False}, {"email_verified": "true"}, {"email": "a@evil.example"}, {"email": None}):
        idp.claims = {"sub": "bob", **claims}
        assert (await sign_in(at, idp))[1].status == 403


async def test_whoever_nobody_invited_is_not_let_in(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp, join=False)
    page = (await sign_in(at, idp))[1]
    assert await outcome(at, engine, page) == FORBIDDEN


async def test_nothing_of_a_sign_in_shows_in_pages_events_or_the_database(engine: AsyncEngine):
    idp = fake()
    at = await world(engine, idp)
    browser = at.browser()
    url = await leave(browser)
    page = await back(browser, idp.approve(url))
    shown = page.text + (await browser.get("/account")).text + str(await at.identity.events.list("local"))
    async with engine.connect() as connection:
        rows = [str((await connection.execute(table.select())).all()) for table in (sessions, users)]
    secrets = [query_of(url)["state"], "canary-client-secret", "canary-access-token", *browser.cookies.values()]
    assert not [secret for secret in secrets if any(secret in text for text in (shown, *rows))]
    assert "canary" not in repr(at.identity.entrance.providers)
