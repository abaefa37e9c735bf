"""From the owner's link to a colleague's first call: a running gateway, and a real OpenID provider."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, urlencode

import aiohttp

from tests.support.gateway import Gateway, gateway, trunkline
from tests.support.http_browser import HttpBrowser, http_browser
from tests.support.mcp import connect
from tests.support.oidc.person import consent
from tests.support.oidc.server import Client, oidc_provider
from tests.support.process import free_port
from tests.support.wait import until_async

SECRET = "canary-client-secret-0123456789"
SETTINGS = """
port = {port}
[[sign_in]]
id = "idp"
kind = "oidc"
title = "Acme"
url = "{issuer}"
client_id = "trunkline"
client_secret_env = "IDP_SECRET"
scopes = ["openid"]
"""


def printed(running: Gateway, *arguments: str) -> str:
    done = trunkline(running.folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def invited(running: Gateway, browser: HttpBrowser, seen: list[str]) -> str:
    """Accepts an invitation as carol; the text of her account page. What is secret of it goes to `seen`."""
    link = printed(running, "users", "invite", "--role", "member")
    page = await browser.get(link)
    assert "Join Local" in page.text
    seen.append(link.rpartition("/")[2])
    leaving = await browser.get(f"/auth/idp/start?invitation={seen[-1]}")
    answer = await consent(leaving.location, "carol")
    seen += [answer["code"], answer["state"]]
    back = await browser.get(f"/auth/idp/callback?{urlencode(answer)}")
    assert (back.status, back.location) == (303, "/account"), back.text
    seen += browser.cookies.values()
    return (await browser.get("/account")).text


async def status_of(url: str, key: str) -> int:
    headers = {"authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession() as session, session.post(url, json={}, headers=headers) as answer:
        return answer.status


async def test_the_owner_invites_a_colleague_who_signs_in_and_calls_with_a_key(tmp_path: Path, catalog_folder: Path):
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    app = Client("trunkline", SECRET, (f"{home}/auth/idp/callback",), grant_types=("authorization_code",))
    seen = [SECRET]
    with (
        oidc_provider([app]) as issuer,
        gateway(
            tmp_path / "data",
            catalog_folder,
            settings=SETTINGS.format(issuer=issuer, port=port),
            port=port,
            IDP_SECRET=SECRET,
        ) as running,
    ):
        async with http_browser(home) as owner, http_browser(home) as carol:
            await _the_owner_signs_in(running, owner, seen)
            assert "carol of the tests" in await invited(running, carol, seen)
            page = await carol.submit(await carol.get("/account"), "/account/keys", name="laptop", days="1")
            key = page.text.partition("<pre>")[2].partition("</pre>")[0]
            seen.append(key)
            async with connect(running.url, "modern", key) as client:
                assert "github" in await client.text_of("list_services", {"filter": "github"})
            assert "laptop" in printed(running, "apikeys", "list")
            printed(running, "apikeys", "revoke", "laptop")

            async def refused() -> bool:
                return await status_of(running.url, key) == 401

            await until_async(refused, 2, "the revoked key is refused")
            printed(running, "users", "disable", "carol of the tests")
            assert (await carol.get("/account")).status == 303
            assert (await owner.get("/members")).status == 200
        events = printed(running, "users", "events")
        for act in ("session.begin", "invitation.accept", "key.create", "key.revoke", "user.disable"):
            assert act in events
    _nowhere(running, seen, events)


async def _the_owner_signs_in(running: Gateway, owner: HttpBrowser, seen: list[str]) -> None:
    link = printed(running, "login")
    seen.append(link.rpartition("/")[2])
    assert (await owner.get("/account")).location == "/login?next=/account"
    assert (await owner.get(link)).status == 200
    assert (await owner.post(link)).location == "/start"
    assert (await owner.post(link)).status == 401
    assert "Owner" in (await owner.get("/account")).text
    seen += owner.cookies.values()


def _nowhere(running: Gateway, seen: list[str], events: str) -> None:
    """D02: no secret of it in output, log or database, in no spelling."""
    files = [path for path in running.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    content = b"".join(path.read_bytes() for path in files) + running.program.said().encode() + events.encode()
    for secret in seen:
        for spelled in (secret, quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("=")):
            assert spelled.encode() not in content, f"{secret[:6]}… was written down"
