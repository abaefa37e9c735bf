"""Tokens are renewed once, ahead of their end; only a refused grant ends a connection.

Against oidc-provider, where a refresh token that is used twice revokes all that came of the consent: had two calls
refreshed, the next refresh would fail. What other providers answer is played by a contract fake.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.desk import ANN, BOB, FILES, Desk, HandClock, ann, desks, house
from tests.connections.test_token_endpoint import FakeFetch, answered
from tests.support import databases, servers
from tests.support.oidc.person import consent
from tests.support.wait import until_async
from trunkline.connections.apps import ServiceConfig
from trunkline.connections.flow import Wish
from trunkline.connections.grants import Grant
from trunkline.connections.refresh import AHEAD, CLAIM
from trunkline.contract import CredentialRejected, Fault, NeedsConnection, UpstreamUnavailable
from trunkline.infra.fetch import Fetched
from trunkline.infra.tables import grants

HOUR = 3600.0
TOKENS = {"access_token": "a1", "refresh_token": "r1", "expires_in": HOUR, "token_type": "bearer"}


async def refreshes(issuer: str) -> int:
    """How many refreshes the provider has granted."""
    async with aiohttp.ClientSession() as browser, browser.get(f"{issuer}/refreshes") as answer:
        return (await answer.json())["refreshes"]


async def grant_of(desk: Desk) -> Grant:
    found = await desk.grants.of(ANN, "files", shared=False)
    assert found is not None
    return found


@pytest.fixture
async def pair(tmp_path: Path, issuer: str, database: AsyncEngine) -> AsyncGenerator[list[Desk]]:
    """Two gateways over one database; Ann has connected."""
    async with desks(database, tmp_path, issuer, HandClock(), 2) as made:
        url = await made[0].flow.begin(ann(), Wish(FILES))
        await made[0].flow.finish(ann(), "house", await consent(url, "ann"))
        yield made


async def test_eight_calls_at_once_make_one_refresh(pair: list[Desk], issuer: str) -> None:
    desk, _ = pair
    first, before = await desk.token(ANN), await refreshes(issuer)
    desk.clock.at += HOUR + 1
    tokens = await asyncio.gather(*(desk.token(ANN) for _ in range(8)))
    assert len(set(tokens)) == 1
    assert tokens[0] != first
    assert await refreshes(issuer) == before + 1
    desk.clock.at += HOUR + 1
    assert await desk.token(ANN) != tokens[0]  # the next one works
    assert await refreshes(issuer) == before + 2


async def test_two_gateways_make_one_refresh(pair: list[Desk], issuer: str) -> None:
    before = await refreshes(issuer)
    for turn in (1, 2):
        pair[0].clock.at += HOUR + 1
        tokens = await asyncio.gather(*(desk.token(ANN) for desk in pair for _ in range(4)))
        assert len(set(tokens)) == 1
        assert await refreshes(issuer) == before + turn


async def test_a_token_is_renewed_ahead_of_its_end(pair: list[Desk]) -> None:
    desk, _ = pair
    first = await desk.token(ANN)
    desk.clock.at += HOUR - AHEAD - 60
    assert await desk.token(ANN) == first
    desk.clock.at += 61
    assert await desk.token(ANN) != first


async def test_a_refused_token_is_renewed_once_for_all(pair: list[Desk], issuer: str) -> None:
    desk, other = pair
    desk.clock.at += 60
    ref, before = await desk.live.find(ANN, FILES), await refreshes(issuer)
    assert ref is not None
    await asyncio.gather(*(each.live.refresh(ref) for each in (desk, other, desk, other)))
    newer = await desk.live.find(ANN, FILES)
    assert newer is not None
    assert newer.version == ref.version + 1
    await desk.live.refresh(newer)  # refused again at once: another token would not help
    assert await refreshes(issuer) == before + 1


async def test_a_call_under_way_gets_the_renewed_token(pair: list[Desk]) -> None:
    desk, other = pair
    ref = await desk.live.find(ANN, FILES)
    assert ref is not None
    desk.clock.at += HOUR + 1
    token = await other.token(ANN)
    credential = await desk.live.credential(ref)
    assert credential is not None
    assert credential.values == {"token": token}


async def test_a_call_under_way_never_gets_another_consent_s_token(pair: list[Desk]) -> None:
    desk, _ = pair
    ref = await desk.live.find(ANN, FILES)
    assert ref is not None
    url = await desk.flow.begin(ann(), Wish(FILES))
    await desk.flow.finish(ann(), "house", await consent(url, "ann-s-other-account"))
    with pytest.raises(NeedsConnection):
        await desk.live.credential(ref)


async def test_a_refresh_that_another_process_left_is_taken_over_once(pair: list[Desk]) -> None:  # D13
    desk, other = pair
    desk.clock.at += HOUR + 1
    grant = await grant_of(desk)
    assert await desk.grants.claim(grant, "a process that dies", desk.clock.now(), desk.clock.now() + CLAIM)
    app = await desk.apps.find("acme", "house")
    assert app is not None
    await desk.parts.endpoint.refresh(app, await desk.grants.refresh_token(grant))  # rotated, and never written down
    desk.clock.at += CLAIM + 1
    with pytest.raises(NeedsConnection, match="must be renewed"):
        await other.token(ANN)
    ended = await grant_of(desk)
    assert (ended.state, ended.claim) == ("renew", "")
    (event, *_) = await desk.events.list("acme")
    assert (event.act, event.outcome) == ("connection.refresh", "refused")
    with pytest.raises(NeedsConnection, match="no longer accepts"):  # no retry: the provider is not asked again
        await desk.token(ANN)


async def connected(desk: Desk, fetch: FakeFetch) -> None:
    """Ann has connected, and her token is about to end."""
    await desk.add_app()
    url = await desk.flow.begin(ann(), Wish(FILES))
    await desk.flow.finish(ann(), "house", {"state": url.split("state=")[1].split("&")[0], "code": "c"})
    desk.clock.at += HOUR - 60
    fetch.sent.clear()


@pytest.fixture
async def faked(tmp_path: Path, engine: AsyncEngine) -> AsyncGenerator[tuple[Desk, FakeFetch]]:
    """A gateway in front of a contract fake."""
    fetch = FakeFetch(answered(TOKENS))
    desk = Desk(engine, tmp_path, house(tmp_path / "providers", "https://house.example"), HandClock(), fetch)
    await connected(desk, fetch)
    yield desk, fetch
    await desk.refresher.close()


REFUSED = answered({"error": "invalid_grant"}, 400)
PASSING = [
    answered({"error": "invalid_client"}, 401),
    answered({"error": "slow_down"}, 429, retry_after="40"),
    answered({}, 500),
    answered(b"<html>maintenance</html>"),
    answered({"error": "temporarily_unavailable"}),
    answered({"ok": False, "error": "fatal_error"}),
]


@pytest.mark.parametrize("answer", PASSING)
async def test_a_failed_refresh_ends_no_connection(faked: tuple[Desk, FakeFetch], answer: Fetched) -> None:  # D14
    desk, fetch = faked
    fetch.answer = answer
    assert await desk.token(ANN) == "a1"  # still good
    assert await desk.token(ANN) == "a1"
    assert len(fetch.sent) == 1  # and not asked again at once
    desk.clock.at += 100
    for _ in range(3):
        desk.live.forget()
        with pytest.raises(Fault) as caught:
            await desk.token(ANN)
        assert not isinstance(caught.value, NeedsConnection | CredentialRejected)
    assert len(fetch.sent) == 2
    fetch.answer = answered({**TOKENS, "access_token": "a2", "refresh_token": "r2"})
    desk.clock.at += 100
    assert await desk.token(ANN) == "a2"


async def test_waits_grow_with_every_failure(faked: tuple[Desk, FakeFetch]) -> None:
    desk, fetch = faked
    fetch.answer = answered({}, 503)
    waits: list[float] = []
    for _ in range(9):
        desk.live.forget()
        desk.clock.at += HOUR
        with pytest.raises(UpstreamUnavailable):
            await desk.token(ANN)
        waits.append((await grant_of(desk)).retry_at - desk.clock.now())
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize(
    "answer", [REFUSED, answered({"error": "invalid_grant"}, 401), answered({"error": "invalid_grant"})]
)
async def test_a_refused_grant_ends_the_connection_and_says_so(
    faked: tuple[Desk, FakeFetch], answer: Fetched
) -> None:  # D14
    desk, fetch = faked
    fetch.answer = answer
    for _ in range(4):
        desk.live.forget()
        with pytest.raises(NeedsConnection, match="must be renewed"):
            await desk.token(ANN)
    assert len(fetch.sent) == 1


async def test_an_answer_without_refresh_token_keeps_the_old_one(faked: tuple[Desk, FakeFetch]) -> None:  # D14
    desk, fetch = faked
    fetch.answer = answered({"access_token": "a2", "expires_in": str(int(HOUR))})
    assert await desk.token(ANN) == "a2"
    desk.clock.at += HOUR
    fetch.answer = answered({"access_token": "a3", "expires_in": HOUR})
    assert await desk.token(ANN) == "a3"
    assert [sent.form and sent.form["refresh_token"] for sent in fetch.sent] == ["r1", "r1"]


@pytest.mark.parametrize("expires_in", [0, "0", None, -1, "soon"])
async def test_a_token_whose_end_is_not_known_is_used_until_refused(
    faked: tuple[Desk, FakeFetch], expires_in: object
) -> None:  # D14
    desk, fetch = faked
    fetch.answer = answered({**TOKENS, "access_token": "a2", "refresh_token": "r2", "expires_in": expires_in})
    assert await desk.token(ANN) == "a2"
    desk.clock.at += 1000 * HOUR
    assert await desk.token(ANN) == "a2"
    ref = await desk.live.find(ANN, FILES)
    assert ref is not None
    fetch.answer = answered({**TOKENS, "access_token": "a3"})
    await desk.live.refresh(ref)
    assert await desk.token(ANN) == "a3"


async def test_a_connection_that_must_be_renewed_is_not_replaced_by_the_shared_one(
    faked: tuple[Desk, FakeFetch],
) -> None:  # D11
    desk, fetch = faked
    await desk.flow.with_key(ann(role="admin"), Wish(FILES, shared=True), {"token": "everybody-s"})
    assert await desk.token(BOB) == "everybody-s"
    fetch.answer = REFUSED
    with pytest.raises(NeedsConnection):
        await desk.token(ANN)
    await desk.apps.configure("acme", "files", ServiceConfig("either"), desk.clock.now())
    with pytest.raises(NeedsConnection):
        await desk.token(ANN)


async def _sent(fetch: FakeFetch) -> bool:
    return bool(fetch.sent)


async def test_a_refresh_goes_on_when_its_caller_gives_up(faked: tuple[Desk, FakeFetch]) -> None:
    desk, fetch = faked
    fetch.answer = answered({**TOKENS, "access_token": "a2", "refresh_token": "r2"})
    fetch.open.clear()
    call = asyncio.create_task(desk.token(ANN))
    await until_async(lambda: _sent(fetch), 5, "the provider is asked")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    fetch.open.set()
    await desk.refresher.close()
    assert (await grant_of(desk)).version == 2
    assert len(fetch.sent) == 1


async def test_a_renewed_token_waits_for_a_database_that_went_away_meanwhile(tmp_path: Path) -> None:
    fetch = FakeFetch(answered(TOKENS))
    server = servers.cluster(tmp_path)
    with ExitStack() as up:
        up.enter_context(server.running())
        async with databases.postgresql(server.port) as engine:
            desk = Desk(engine, tmp_path, house(tmp_path / "providers", "https://house.example"), HandClock(), fetch)
            await connected(desk, fetch)
            fetch.answer = answered({**TOKENS, "access_token": "a2", "refresh_token": "r2"})
            fetch.open.clear()
            call = asyncio.create_task(desk.token(ANN))
            await until_async(lambda: _sent(fetch), 5, "the provider is asked")
            up.close()
            fetch.open.set()
            with server.running():
                assert await call == "a2"
                assert await desk.grants.refresh_token(await grant_of(desk)) == "r2"
                await desk.refresher.close()
    assert len(fetch.sent) == 1


async def test_a_connection_replaced_meanwhile_keeps_what_replaced_it(faked: tuple[Desk, FakeFetch]) -> None:
    desk, _ = faked
    grant = await grant_of(desk)
    assert await desk.grants.claim(grant, "me", desk.clock.now(), desk.clock.now() + CLAIM)
    await desk.flow.with_key(ann(), Wish(FILES), {"token": "pasted"})
    assert not await desk.grants.renewed(grant, "me", {"access": "late", "refresh": "late"}, 0, desk.clock.now())
    assert await desk.token(ANN) == "pasted"


async def test_two_refreshes_that_broke_off_ask_for_consent_without_a_third(faked: tuple[Desk, FakeFetch]) -> None:
    desk, fetch = faked
    async with desk.engine.begin() as connection:
        await connection.execute(update(grants).values(claim="dead", claimed_until=1.0, interrupted=1))
    with pytest.raises(NeedsConnection, match="broken off twice"):
        await desk.token(ANN)
    assert not fetch.sent


async def test_an_app_that_was_removed_is_an_admin_s_matter(faked: tuple[Desk, FakeFetch]) -> None:
    desk, fetch = faked
    await desk.apps.remove("acme", "house")
    with pytest.raises(Fault, match="no OAuth app"):
        await desk.token(ANN)
    assert not fetch.sent
    assert (await grant_of(desk)).state == "active"


async def test_no_secret_is_in_any_fault_of_a_refresh(
    faked: tuple[Desk, FakeFetch], caplog: pytest.LogCaptureFixture
) -> None:
    desk, fetch = faked
    fetch.answer = answered({"error": "invalid_grant", "error_description": "token r1-canary"}, 400)
    with pytest.raises(NeedsConnection) as caught:
        await desk.token(ANN)
    written = [event.detail for event in await desk.events.list("acme")]
    seen = f"{caught.value!r} {caught.value.hint} {caplog.text} {written}"
    assert not any(secret in seen for secret in ("r1", "a1", "canary"))
