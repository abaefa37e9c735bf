"""Connecting through a real OAuth provider (oidc-provider): consent, whose it is, and nobody else can finish it."""

import pytest
from sqlalchemy import select

from tests.connections.desk import ANN, BOB, EVE, FILES, FILES_TOO, Desk, ann, bob
from tests.support.oidc.person import consent
from trunkline.connections.apps import ServiceConfig
from trunkline.connections.flow import Visitor, Wish
from trunkline.contract import InvalidArguments, NeedsConnection, NotFound, PolicyDenied
from trunkline.infra.tables import connect_attempts, connections, events, grants, oauth_apps

WISH = Wish(FILES)


async def connected(desk: Desk, visitor: Visitor, wish: Wish = WISH) -> str:
    """Connects as the person would; the access token."""
    url = await desk.flow.begin(visitor, wish)
    answer = await consent(url, visitor.principal.subject)
    await desk.flow.finish(visitor, "house", answer)
    return await desk.token(visitor.principal, wish.service)


async def test_a_person_consents_and_calls_carry_their_token(desk: Desk) -> None:
    url = await desk.flow.begin(ann(), WISH)
    assert "code_challenge_method=S256" in url
    made = await desk.flow.finish(ann(), "house", await consent(url, "ann"))
    assert (made.service, made.account, made.shared) == ("files", "ann", False)
    assert await desk.token(ANN)
    assert await desk.live.find(BOB, FILES) is None
    assert await desk.live.find(EVE, FILES) is None


async def test_two_users_of_a_service_have_a_token_each(desk: Desk) -> None:
    assert await connected(desk, ann()) != await connected(desk, bob())


async def test_another_user_cannot_finish_a_consent(desk: Desk) -> None:  # D08, D09
    answer = await consent(await desk.flow.begin(ann(), WISH), "ann")
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(bob(), "house", answer)
    with pytest.raises(PolicyDenied):  # and it is used up
        await desk.flow.finish(ann(), "house", answer)
    assert await desk.live.find(ANN, FILES) is None
    assert await desk.live.find(BOB, FILES) is None
    assert [event.outcome for event in await desk.events.list("acme")] == ["refused", "refused"]


async def test_another_browser_of_the_same_user_cannot_finish_a_consent(desk: Desk) -> None:  # D09
    answer = await consent(await desk.flow.begin(ann("browser-1"), WISH), "ann")
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(ann("browser-7"), "house", answer)


async def test_an_answer_counts_once(desk: Desk) -> None:  # D09
    answer = await consent(await desk.flow.begin(ann(), WISH), "ann")
    await desk.flow.finish(ann(), "house", answer)
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(ann(), "house", answer)


async def test_an_answer_of_another_provider_is_refused(desk: Desk) -> None:  # D09
    answer = await consent(await desk.flow.begin(ann(), WISH), "ann")
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(ann(), "github", answer)


async def test_a_code_of_another_consent_is_worth_nothing(desk: Desk) -> None:  # D09: code injection
    stolen = await consent(await desk.flow.begin(bob(), WISH), "bob")
    mine = await consent(await desk.flow.begin(ann(), WISH), "ann")
    with pytest.raises(Exception, match="no longer accepts"):
        await desk.flow.finish(ann(), "house", {**mine, "code": stolen["code"]})
    assert await desk.live.find(ANN, FILES) is None


@pytest.mark.parametrize("state", ["", "guess", "x" * 10_000])
async def test_a_state_that_nobody_made_is_refused(desk: Desk, state: str) -> None:
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(ann(), "house", {"state": state, "code": "x"})


async def test_a_consent_that_took_too_long_is_refused(desk: Desk) -> None:
    answer = await consent(await desk.flow.begin(ann(), WISH), "ann")
    desk.clock.at += 601
    with pytest.raises(PolicyDenied):
        await desk.flow.finish(ann(), "house", answer)


async def test_a_refusal_says_why_and_repeats_nothing_else(desk: Desk) -> None:
    url = await desk.flow.begin(ann(), WISH)
    state = url.split("state=")[1].split("&")[0]
    with pytest.raises(InvalidArguments, match="access_denied"):
        await desk.flow.finish(ann(), "house", {"state": state, "error": "access_denied"})
    url = await desk.flow.begin(ann(), WISH)
    state = url.split("state=")[1].split("&")[0]
    with pytest.raises(InvalidArguments) as caught:
        await desk.flow.finish(ann(), "house", {"state": state, "error": "<script>", "error_description": "<img>"})
    assert "<" not in caught.value.message


async def test_without_an_app_the_service_is_connected_with_a_token(desk: Desk) -> None:
    with pytest.raises(NotFound, match="OAuth app"):
        await desk.flow.begin(Visitor(EVE, "owner", "b"), WISH)
    await desk.flow.with_key(Visitor(EVE, "owner", "b"), WISH, {"token": " pasted-token\n"})
    assert await desk.token(EVE) == "pasted-token"


async def test_a_family_is_asked_for_more_when_another_service_needs_it(desk: Desk) -> None:
    await connected(desk, ann())
    with pytest.raises(NeedsConnection, match="files:write"):
        await desk.live.find(ANN, FILES_TOO)
    url = await desk.flow.begin(ann(), Wish(FILES_TOO))
    assert "files%3Aread" in url  # what it had stays
    assert "files%3Awrite" in url
    await desk.flow.finish(ann(), "house", await consent(url, "ann"))
    assert await desk.live.find(ANN, FILES_TOO) == await desk.live.find(ANN, FILES)


async def test_a_pasted_token_leaves_the_consent_behind(desk: Desk) -> None:
    await connected(desk, ann())
    await desk.flow.with_key(ann(), WISH, {"token": "pasted"})
    desk.clock.at += 100_000
    assert await desk.token(ANN) == "pasted"


async def test_only_an_admin_connects_for_everybody(desk: Desk) -> None:
    shared = Wish(FILES, shared=True)
    with pytest.raises(PolicyDenied):
        await desk.flow.begin(ann(), shared)
    with pytest.raises(PolicyDenied):
        await desk.flow.with_key(ann(), shared, {"token": "x"})
    await connected(desk, ann(role="admin"), shared)
    ref = await desk.live.find(BOB, FILES)
    assert ref is not None
    assert ref.shared


async def test_a_shared_connection_never_serves_where_people_connect_for_themselves(desk: Desk) -> None:  # D11
    await connected(desk, ann(role="admin"), Wish(FILES, shared=True))
    await desk.apps.configure("acme", "files", ServiceConfig("personal"), desk.clock.now())
    desk.live.forget()
    assert await desk.live.find(BOB, FILES) is None
    with pytest.raises(PolicyDenied):
        await desk.flow.begin(ann(role="admin"), Wish(FILES, shared=True))


async def test_a_personal_connection_never_serves_where_one_is_shared(desk: Desk) -> None:  # D11
    await connected(desk, ann())
    await desk.apps.configure("acme", "files", ServiceConfig("shared"), desk.clock.now())
    desk.live.forget()
    assert await desk.live.find(ANN, FILES) is None
    with pytest.raises(PolicyDenied):
        await desk.flow.begin(ann(), WISH)


async def test_a_connection_of_one_s_own_comes_before_the_shared_one(desk: Desk) -> None:  # D11
    await connected(desk, ann(role="admin"), Wish(FILES, shared=True))
    own = await connected(desk, bob())
    ref = await desk.live.find(BOB, FILES)
    assert ref is not None
    assert not ref.shared
    assert await desk.token(BOB) == own


async def test_others_connections_do_not_exist(desk: Desk) -> None:  # D10
    await connected(desk, ann())
    ref = await desk.live.find(ANN, FILES)
    assert ref is not None
    for visitor in (bob(), Visitor(EVE, "owner", "b")):
        with pytest.raises(NotFound):
            await desk.disconnect(visitor, ref.id)
    assert await desk.token(ANN)
    assert [event.outcome for event in await desk.events.list("other")] == ["refused"]


async def test_disconnecting_gives_the_tokens_back(desk: Desk) -> None:  # D17
    await connected(desk, ann())
    ref = await desk.live.find(ANN, FILES)
    assert ref is not None
    grant = await desk.grants.read(ref.id)
    assert grant is not None
    app = await desk.apps.find("acme", "house")
    assert app is not None
    refresh = await desk.grants.refresh_token(grant)
    assert await desk.disconnect(ann(), ref.id)
    with pytest.raises(NeedsConnection):
        await desk.live.credential(ref)
    assert await desk.live.find(ANN, FILES) is None
    with pytest.raises(Exception, match="no longer accepts"):
        await desk.parts.endpoint.refresh(app, refresh)
    (last, *_) = await desk.events.list("acme")
    assert (last.act, last.actor, last.detail["given back"]) == ("connection.delete", "ann", "yes")


async def test_no_secret_lies_open_in_the_database(desk: Desk) -> None:  # D03
    token = await connected(desk, ann())
    url = await desk.flow.begin(ann(), WISH)
    state = url.split("state=")[1].split("&")[0]
    rows: list[str] = []
    async with desk.engine.connect() as connection:
        for table in (connections, grants, oauth_apps, connect_attempts, events):
            rows += [repr(tuple(row)) for row in await connection.execute(select(table))]
    text = "\n".join(rows)
    for secret in (token, state, "canary-app-secret"):
        assert secret not in text
