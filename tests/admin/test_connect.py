"""The connect pages, over a real store and a real OAuth provider: who may open which, and what they say."""

import re
from collections.abc import AsyncGenerator, Generator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from tests.connections.desk import FILES, ORIGIN, SECRET, SERVICES, Desk, HandClock, desks
from tests.support import databases
from tests.support.oidc.person import consent
from tests.support.oidc.server import Client, oidc_provider
from trunkline.admin.api.connections import ConnectionRoom, Opened
from trunkline.admin.api.last_use import last_used
from trunkline.admin.connect import ConnectPages
from trunkline.admin.pages.connections import ConnectionPages
from trunkline.admin.render import Templates
from trunkline.admin.site import Router
from trunkline.connections.apps import ServiceConfig
from trunkline.connections.links import LINK_SECONDS, Links
from trunkline.connections.verify import Verdict
from trunkline.contract import Principal, Service
from trunkline.identity.ports import SignedIn
from trunkline.infra.http.asgi import Event, Scope

ANN = SignedIn("ann", "Ann", "acme", "member", "browser-1", "csrf-of-ann")
BOB = SignedIn("bob", "Bob", "acme", "member", "browser-2", "csrf-of-bob")
BOSS = SignedIn("boss", "Boss", "acme", "admin", "browser-3", "csrf-of-boss")
LOOKER = SignedIn("looker", "Looker", "acme", "viewer", "browser-4", "csrf")
PAGE = "/connect/files"


def room_of(desk: Desk) -> ConnectionRoom:
    """Every verify call finds that the credential is good."""

    async def opened() -> Opened:
        return Opened(desk.parts, desk.disconnect)

    async def good(_principal: Principal, service: Service) -> Verdict:
        return Verdict(service.id, good=True, account="ann of the tests")

    services = {**SERVICES, "files": msgspec.structs.replace(SERVICES["files"], verify="files_read_me")}
    return ConnectionRoom(opened, services, good, partial(last_used, desk.engine))


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    text: str


class Signed:
    """Whoever is named is in front of the browser."""

    def __init__(self) -> None:
        self.user: SignedIn | None = ANN

    async def signed_in(self, scope: Scope) -> SignedIn | None:
        return self.user


class Browser:
    """Asks the router in process."""

    def __init__(self, desk: Desk) -> None:
        self.links = Links(bytes(32), desk.clock.now)
        pages = ConnectPages(Templates(), desk.parts, desk.flow, self.links, SERVICES)
        listed = ConnectionPages(Templates(), room_of(desk))
        self.signed = Signed()
        self._router = Router([*pages.routes(), *listed.routes()], self.signed, ORIGIN)

    async def get(self, user: SignedIn | None, url: str) -> Answer:
        return await self._ask(user, "GET", url, b"")

    async def post(self, user: SignedIn, url: str, **fields: str) -> Answer:
        return await self._ask(user, "POST", url, urlencode({"csrf": user.csrf, **fields}).encode())

    async def _ask(self, user: SignedIn | None, method: str, url: str, body: bytes) -> Answer:
        self.signed.user = user
        parts = urlsplit(url)
        headers = [(b"origin", ORIGIN.encode()), (b"content-type", b"application/x-www-form-urlencoded")]
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": headers,
        }
        sent: list[Event] = []

        async def receive() -> Event:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Event) -> None:
            sent.append(event)

        await self._router(scope, receive, send)
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], answered, sent[1]["body"].decode())


@pytest.fixture(scope="module")
def issuer() -> Generator[str]:
    with oidc_provider([Client("trunkline", SECRET, (f"{ORIGIN}/connect/callback/house",))]) as url:
        yield url


@pytest.fixture
async def desk(tmp_path: Path, issuer: str) -> AsyncGenerator[Desk]:
    async with databases.sqlite(tmp_path) as engine, desks(engine, tmp_path, issuer, HandClock()) as (made,):
        yield made


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return Browser(desk)


async def consented(browser: Browser) -> None:
    """Ann connects at the provider."""
    leaves = await browser.post(ANN, PAGE, way="oauth")
    assert leaves.status == 303
    answer = await consent(leaves.headers["location"], "ann")
    back = await browser.get(ANN, f"/connect/callback/house?{urlencode(answer)}")
    assert (back.status, back.headers["location"]) == (303, f"{PAGE}?done=1")


async def test_a_person_connects_from_the_page_to_the_list(browser: Browser, desk: Desk, issuer: str) -> None:
    page = await browser.get(ANN, PAGE)
    assert page.status == 200
    assert "Go on to House" in page.text
    assert f"form-action 'self' {issuer}" in page.headers["content-security-policy"]
    await consented(browser)
    assert "Connected" in (await browser.get(ANN, f"{PAGE}?done=1")).text
    assert "Disconnect" in (await browser.get(ANN, "/connections")).text
    assert await desk.token(Principal("ann", "acme"))


async def test_a_person_sees_which_connection_must_be_renewed_and_why_and_renews_it(
    browser: Browser, desk: Desk
) -> None:
    await consented(browser)
    grant = await desk.grants.of(Principal("ann", "acme"), "files", shared=False)
    assert grant is not None
    assert await desk.grants.claim(grant, "one", desk.clock.now(), desk.clock.now() + 45)
    await desk.grants.end(grant, "one", "House said <no>")
    assert "Consent is over: House said &lt;no&gt;" in (await browser.get(ANN, "/connections")).text
    await consented(browser)
    assert "Consent is over" not in (await browser.get(ANN, "/connections")).text
    assert await desk.token(Principal("ann", "acme"))


async def test_nobody_is_sent_to_sign_in_and_back(browser: Browser) -> None:
    link = f"{PAGE}?for={browser.links.make(Principal('ann', 'acme'), 'files')}"
    answer = await browser.get(None, link)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/login?next=/connect/files%3Ffor%3D")


async def test_a_link_of_another_user_is_403(browser: Browser, desk: Desk) -> None:  # D08
    link = f"{PAGE}?for={browser.links.make(Principal('ann', 'acme'), 'files')}"
    assert (await browser.get(ANN, link)).status == 200
    assert (await browser.get(BOB, link)).status == 403
    other = msgspec.structs.replace(ANN, organization="other")
    assert (await browser.get(other, link)).status == 403
    assert [event.outcome for event in await desk.events.list("acme")] == ["refused"]


@pytest.mark.parametrize("change", ["x", "flipped", "service", "late"])
async def test_a_link_that_is_not_ours_is_403(browser: Browser, desk: Desk, change: str) -> None:  # D08
    link = browser.links.make(Principal("ann", "acme"), "crm" if change == "service" else "files")
    if change == "flipped":
        link = ("A" if link[0] != "A" else "B") + link[1:]
    desk.clock.at += LINK_SECONDS + 1 if change == "late" else 0
    assert (await browser.get(ANN, f"{PAGE}?for={'x' if change == 'x' else link}")).status == 403


async def test_a_callback_in_another_browser_is_403(browser: Browser) -> None:  # D09
    leaves = await browser.post(ANN, PAGE, way="oauth")
    answer = await consent(leaves.headers["location"], "ann")
    callback = f"/connect/callback/house?{urlencode(answer)}"
    assert (await browser.get(BOB, callback)).status == 403
    assert (await browser.get(ANN, callback)).status == 403  # used up


async def test_a_pasted_key_is_trimmed_and_never_shown(browser: Browser, desk: Desk) -> None:  # D01, D18
    made = await browser.post(ANN, PAGE, way="key", **{"secret.token": "  canary-key\r\n"})
    assert made.status == 303
    assert await desk.token(Principal("ann", "acme")) == "canary-key"
    for url in (PAGE, f"{PAGE}?done=1", "/connections"):
        assert "canary-key" not in (await browser.get(ANN, url)).text


@pytest.mark.parametrize("key", ["", "a\r\nX-Admin: 1", "a\x00b", "schlüssel", "k" * 10_000])
async def test_a_key_that_cannot_be_sent_is_422_and_stored_nowhere(browser: Browser, desk: Desk, key: str) -> None:
    answer = await browser.post(ANN, PAGE, way="key", **{"secret.token": key})  # D18
    assert answer.status == 422
    assert not key or key not in answer.text
    assert await desk.live.find(Principal("ann", "acme"), FILES) is None


async def test_others_connections_are_404(browser: Browser, desk: Desk) -> None:  # D10
    await browser.post(ANN, PAGE, way="key", **{"secret.token": "key"})
    ref = await desk.live.find(Principal("ann", "acme"), FILES)
    assert ref is not None
    assert (await browser.post(BOB, f"/connections/{ref.id}/delete")).status == 404
    assert ref.id not in (await browser.get(BOB, "/connections")).text
    assert (await browser.post(ANN, f"/connections/{ref.id}/delete")).status == 303
    assert await desk.live.find(Principal("ann", "acme"), FILES) is None


async def test_the_list_tells_account_scopes_and_that_it_renews_itself(browser: Browser, desk: Desk) -> None:
    leaves = await browser.post(ANN, PAGE, way="oauth")
    answer = await consent(leaves.headers["location"], "ann")
    await browser.get(ANN, f"/connect/callback/house?{urlencode(answer)}")
    page = (await browser.get(ANN, "/connections")).text
    assert "1 connection" in page
    assert "renews itself" in page
    assert "<code>offline_access</code>" in page
    assert "Nothing is connected" in (await browser.get(ANN, "/connections?search=nothing")).text
    assert "Nothing is connected" in (await browser.get(ANN, "/connections?shared=true")).text


async def test_a_connection_is_verified_by_whom_it_serves(browser: Browser, desk: Desk) -> None:
    await browser.post(ANN, PAGE, way="key", **{"secret.token": "a-key"})
    ref = await desk.live.find(Principal("ann", "acme"), SERVICES["files"])
    assert ref is not None
    verify = f"/connections/{ref.id}/verify"
    assert (await browser.post(BOB, verify)).status == 404
    assert (await browser.post(LOOKER, verify)).status == 403
    assert "good: ann of the tests" in (await browser.post(ANN, verify)).text


async def test_a_shared_connection_is_not_verified_by_somebody_who_has_an_own_one(browser: Browser, desk: Desk) -> None:
    await desk.apps.configure("acme", "files", ServiceConfig("either"), desk.clock.now())
    await browser.post(BOSS, PAGE, way="key", shared="1", **{"secret.token": "of-all"})
    await browser.post(ANN, PAGE, way="key", **{"secret.token": "of-ann"})
    shared = next(row for row in await desk.store.list(Principal("ann", "acme")) if row.shared)
    told = (await browser.post(ANN, f"/connections/{shared.id}/verify")).text
    assert "not served by this connection" in told
    assert (await browser.post(ANN, f"/connections/{shared.id}/delete")).status == 403


async def test_only_an_admin_sees_and_uses_the_box_for_everybody(browser: Browser) -> None:
    assert "everybody" not in (await browser.get(ANN, PAGE)).text
    assert "everybody" in (await browser.get(BOSS, PAGE)).text
    assert (await browser.post(ANN, PAGE, way="key", shared="1", **{"secret.token": "key"})).status == 403
    assert (await browser.post(BOSS, PAGE, way="key", shared="1", **{"secret.token": "key"})).status == 303


async def test_a_viewer_connects_nothing(browser: Browser) -> None:
    assert (await browser.get(LOOKER, PAGE)).status == 403
    assert (await browser.post(LOOKER, PAGE, way="oauth")).status == 403


async def test_a_form_without_its_token_is_403(browser: Browser) -> None:
    assert (await browser.post(ANN, PAGE, csrf="guess", way="oauth")).status == 403


async def test_an_unknown_service_is_404(browser: Browser) -> None:
    assert (await browser.get(ANN, "/connect/nothing")).status == 404
    assert (await browser.get(ANN, "/connect/callback/nothing?state=x&code=y")).status == 403


async def test_secrets_are_typed_unseen_and_kept_by_no_browser(browser: Browser) -> None:
    text = (await browser.get(ANN, PAGE)).text
    assert re.search(r'name="secret\.token" type="password" autocomplete="off"', text)
