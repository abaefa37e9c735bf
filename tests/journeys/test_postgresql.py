"""Whole gateways on PostgreSQL: all that one keeps, two that share it, and a server that is away for a while."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import psutil
import pytest

from tests.journeys.browser_world import TOOL, add_app, provider_folder
from tests.support import databases, servers
from tests.support.gateway import Gateway, gateway, prepare, trunkline
from tests.support.http_browser import HttpBrowser, http_browser
from tests.support.mcp import connect
from tests.support.oidc.person import consent
from tests.support.oidc.server import Client, oidc_provider
from tests.support.process import free_port
from tests.support.wait import until_async
from trunkline.connections.store import CACHE_SECONDS
from trunkline.infra import postgresql
from trunkline.infra.location import PostgreSQL

pytestmark = pytest.mark.xdist_group("postgresql")

SECRET = "canary-app-secret-0123456789-abcdefghij"
ISSUE = {"owner": "acme", "repo": "site", "title": "The door is stuck"}


def home_of(running: Gateway) -> str:
    return running.url.removesuffix("/mcp")


def rows(where: PostgreSQL, query: str) -> list[tuple[Any, ...]]:
    with closing(postgresql.connect(where)) as connection:
        return connection.execute(query.encode()).fetchall()


@contextmanager
def on(
    where: PostgreSQL, folder: Path, catalog: Path, *options: str, settings: str = "", port: int = 0
) -> Generator[Gateway]:
    with gateway(folder, catalog, options, settings, port, TRUNKLINE_DATABASE_URL=where.url) as running:
        yield running


@asynccontextmanager
async def owner_of(running: Gateway, where: PostgreSQL) -> AsyncGenerator[HttpBrowser]:
    """The owner's browser, signed in by the link that `trunkline login` prints."""
    done = trunkline(running.folder, "login", TRUNKLINE_DATABASE_URL=where.url)
    link = home_of(running) + "/login/link/" + done.stdout.strip().rpartition("/")[2]
    async with http_browser(home_of(running)) as browser:
        assert (await browser.post(link)).status == 303, done.stderr
        yield browser


async def key_of(owner: HttpBrowser) -> str:
    page = await owner.submit(await owner.get("/account"), "/account/keys", name="laptop", days="1")
    return page.text.partition("<pre>")[2].partition("</pre>")[0]


async def status_of(url: str, key: str) -> tuple[int, str]:
    """Of a request that anybody may make who is known, and when to come back."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(url, json={}, headers=headers) as answer:
        return answer.status, answer.headers.get("retry-after", "")


async def test_all_that_a_gateway_keeps_is_in_the_server(
    tmp_path: Path, catalog_folder: Path, postgresql_port: int
) -> None:
    where = databases.empty(postgresql_port)
    with on(where, tmp_path / "data", catalog_folder) as running:
        async with owner_of(running, where) as owner:
            async with connect(running.url, "modern", await key_of(owner)) as client:
                assert "title" in await client.text_of("call_tool", {"name": "github_create_issue", "arguments": ISSUE})
                _children_know_nothing_of_it(running)
                refused = await client.call("call_tool", {"name": "no\0such_tool", "arguments": {}})
                assert refused["isError"]

            async def listed() -> list[Any]:
                page = json.loads((await owner.get("/api/v1/audit")).text)
                return [(call["tool"], call["outcome"]) for call in page["calls"] if call["outcome"]]

            seen = ("github_create_issue", "ok")
            assert seen in await until_async(listed, 5, "the rows of the call")
            assert "github_create_issue" in (await owner.get("/audit")).text
            assert "github_create_issue" in (await owner.get("/api/v1/audit.csv?outcome=ok&service=github")).text
            assert "no\ufffdsuch_tool" in (await owner.get("/api/v1/audit.jsonl?outcome=failed")).text
            assert (await owner.submit(await owner.get("/account"), "/account/keys", name="a\0b")).status == 400
    assert not (running.folder / "trunkline.db").exists()
    assert {row[0] for row in rows(where, "SELECT act FROM events")} >= {"session.begin", "key.create"}
    checked = trunkline(running.folder, "audit", "verify", TRUNKLINE_DATABASE_URL=where.url)
    assert (checked.returncode, "intact" in checked.stdout) == (0, True), checked.stdout + checked.stderr
    shown = trunkline(running.folder, "audit", "tail", "--json", TRUNKLINE_DATABASE_URL=where.url)
    assert [row["kind"] for row in json.loads(shown.stdout)][-1] == "close"
    assert servers.PASSWORD not in running.program.said() + (running.folder / "log" / "trunkline.log").read_text()


def _children_know_nothing_of_it(running: Gateway) -> None:
    """A category server has no database."""
    children = psutil.Process(running.program.pid).children(recursive=True)
    assert len(children) > 1
    assert not [child for child in children if "postgresql://" in f"{child.environ()} {child.cmdline()}"]


@dataclass(frozen=True)
class Pair:
    """Two gateways over one database, and the provider whose refresh tokens are good once."""

    gateways: tuple[Gateway, Gateway]
    where: PostgreSQL
    issuer: str

    async def refreshes(self) -> int:
        async with aiohttp.ClientSession() as browser, browser.get(f"{self.issuer}/refreshes") as answer:
            return (await answer.json())["refreshes"]

    async def expire(self) -> None:
        """Afterwards no gateway remembers the connection as it was."""
        rows(self.where, "UPDATE grants SET expires_at = 1, refreshed_at = 1 RETURNING id")
        await asyncio.sleep(CACHE_SECONDS)

    async def eight_calls(self) -> list[bool]:
        """At once, four to each gateway: whether each succeeded."""
        async with self.gateways[0].client() as one, self.gateways[1].client() as other:
            calls = [each.call("call_read_tool", {"name": TOOL}) for each in (one, other) for _ in range(4)]
            return [not result.get("isError") for result in await asyncio.gather(*calls)]


@contextmanager
def pair(folder: Path, catalog: Path, where: PostgreSQL) -> Generator[Pair]:
    """They have the same key files, as gateways of one database must."""
    port = free_port()
    app = Client("github-app", SECRET, (f"http://127.0.0.1:{port}/connect/callback/github",))
    with oidc_provider([app]) as issuer:
        settings = f'providers_dir = "{provider_folder(folder, issuer)}"\n'
        prepare(folder / "one", catalog, settings)
        add_app(folder / "one", SECRET, TRUNKLINE_DATABASE_URL=where.url)
        (folder / "two").mkdir()
        for name in ("master.key", "credentials.key"):
            shutil.copy(folder / "one" / name, folder / "two" / name)
        public = f"--public-url=http://127.0.0.1:{port}"
        with (
            on(where, folder / "one", catalog, "--sandbox-connect", settings=settings, port=port) as one,
            on(where, folder / "two", catalog, "--sandbox-connect", public, settings=settings) as two,
        ):
            yield Pair((one, two), where, issuer)


async def connected(owner: HttpBrowser) -> None:
    """The owner connects GitHub at the provider, as `ann`."""
    leaves = await owner.submit(await owner.get("/connect/github"), "/connect/github", way="oauth")
    answer = await consent(leaves.location, "ann")
    back = await owner.get(f"/connect/callback/github?{urlencode(answer)}")
    assert back.status in (200, 303), back.text


@pytest.mark.slow
async def test_two_gateways_know_the_same_people_and_renew_a_rotating_token_once_for_eight_calls(
    tmp_path: Path, catalog_folder: Path, postgresql_port: int
) -> None:
    where = databases.empty(postgresql_port)
    with pair(tmp_path, catalog_folder, where) as both:
        async with owner_of(both.gateways[0], where) as owner:
            await connected(owner)
            await _a_key_of_one_is_a_key_of_the_other(both, owner)
        before = await both.refreshes()
        for turn in (1, 2):
            await both.expire()
            assert await both.eight_calls() == [True] * 8
            assert await both.refreshes() == before + turn
    chains = {row[0] for row in rows(where, "SELECT DISTINCT chain FROM audit")}
    assert len(chains) == 2
    checked = trunkline(both.gateways[1].folder, "audit", "verify", TRUNKLINE_DATABASE_URL=where.url)
    assert "in 2 chains" in checked.stdout


async def _a_key_of_one_is_a_key_of_the_other(both: Pair, owner: HttpBrowser) -> None:
    key, other = await key_of(owner), both.gateways[1]
    assert (await status_of(other.url, key))[0] == 400  # known, and nothing asked
    revoked = trunkline(other.folder, "apikeys", "revoke", "laptop", TRUNKLINE_DATABASE_URL=both.where.url)
    assert revoked.returncode == 0, revoked.stderr
    for each in both.gateways:

        async def refused(url: str = each.url) -> bool:
            return (await status_of(url, key))[0] == 401

        await until_async(refused, 3, "the revoked key is refused")


@pytest.mark.slow
async def test_a_server_that_stops_is_503_with_a_time_to_come_back_and_is_found_again_without_a_restart(
    tmp_path: Path, catalog_folder: Path
) -> None:
    (tmp_path / "server").mkdir()
    made = servers.cluster(tmp_path / "server")
    with ExitStack() as up:
        up.enter_context(made.running())
        where = databases.empty(made.port)
        with on(where, tmp_path / "data", catalog_folder) as running:
            async with owner_of(running, where) as owner, running.client() as client:
                key = await key_of(owner)
                assert (await status_of(running.url, key))[0] == 400  # known, and nothing asked
                await client.text_of("call_tool", {"name": "github_create_issue", "arguments": ISSUE})
                up.close()
                await _away(running, owner, key)
                refused = await client.call("call_tool", {"name": "github_create_issue", "arguments": ISSUE})
                assert refused["content"][0]["text"].startswith("audit_unavailable")
                assert await client.list_tools(), "what needs no database goes on"
                with made.running():
                    await _back(running, owner, key)
                    text = await client.text_of("call_tool", {"name": "github_create_issue", "arguments": ISSUE})
                    assert "title" in text
                    tools = rows(where, "SELECT tool FROM audit WHERE kind = 'refused'")
                    assert ("github_create_issue",) in tools, "what was refused meanwhile is written afterwards"
                    _stopped(running)
                    done = trunkline(running.folder, "audit", "verify", TRUNKLINE_DATABASE_URL=where.url)
                    assert (done.returncode, "intact" in done.stdout) == (0, True), done.stdout + done.stderr


def _stopped(running: Gateway) -> None:
    running.program.process.terminate()
    running.program.process.wait(20)


async def _away(running: Gateway, owner: HttpBrowser, key: str) -> None:
    """What needs the database says so; a key that was looked up a moment ago is still known."""

    async def gone() -> bool:
        return await status_of(running.url, key) == (503, "5")

    await until_async(gone, 5, "the kept key to be forgotten")
    for path in ("/account", "/api/v1/audit"):
        page = await owner.get(path)
        assert (page.status, page.headers["retry-after"]) == (503, "5"), page.text
        assert "The database cannot be used at present" in page.text
        assert servers.PASSWORD not in page.text


async def _back(running: Gateway, owner: HttpBrowser, key: str) -> None:
    async def ready() -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{home_of(running)}/readyz") as answer:
            return answer.status == 200

    await until_async(ready, 10, "the audit log to be written again")
    assert (await owner.get("/account")).status == 200
    assert (await status_of(running.url, key))[0] == 400
