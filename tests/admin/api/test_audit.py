"""The audit log through the API: whose calls are seen, what filters find, and how pages go on."""

import csv
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from tests.admin.house import House, house
from tests.support import databases
from trunkline.contract import AllowedCall, Effect, Principal
from trunkline.gateway.audit import AuditLog

NAMES = {"github": "github_create_issue", "slack": "slack_post_message"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def site(request: pytest.FixtureRequest, tmp_path: Path, catalog_folder: Path) -> AsyncGenerator[House]:
    server = databases.empty(request.getfixturevalue("postgresql_port")) if request.param == "postgresql" else None
    async with house(tmp_path, catalog_folder, server=server) as opened:
        yield opened


@pytest.fixture
async def log(site: House) -> AsyncGenerator[AuditLog]:
    opened = AuditLog(site.where)
    await opened.start()
    yield opened
    await opened.close()


async def made(log: AuditLog, number: int, who: str = "acme-member", service: str = "github", code: str = "ok") -> None:
    allowed = AllowedCall(
        id=f"c-{number}", tool=NAMES[service], service=service, category="code", effect=Effect.WRITE, idempotent=False,
        arguments=b"{}", subject=who, organization=who.partition("-")[0], hosts=(), deadline=0.0,
    )  # fmt: skip
    await log.intent(allowed)
    log.outcome(allowed.id, code, 200 if code == "ok" else 0, 12.5)


async def settled(log: AuditLog) -> None:
    """Everything so far is on disk: an intent of another organization's waits for it."""
    await made(log, 999_999, "nobody-else")


async def calls(site: House, query: str = "", person: str = "acme-admin") -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    before = ""
    while True:
        page = await site.get(person, f"/audit?{query}{before}")
        found += page["calls"]
        if not page["next"]:
            return found
        before = f"&before={page['next']}"


async def test_calls_of_ones_own_organization_are_seen_with_how_they_ended(site: House, log: AuditLog) -> None:
    await made(log, 1)
    await made(log, 2, "other-member", code="upstream_failed")
    log.refused(Principal("acme-viewer", "acme"), "github_create_issue", "policy_denied")
    await settled(log)
    refused, call = await calls(site)
    assert (call["call"], call["user_name"], call["outcome"], call["status"], call["ms"]) == (
        "c-1", "acme-member", "ok", 200, 12.5,
    )  # fmt: skip
    assert (refused["outcome"], refused["user"], refused["call"]) == ("policy_denied", "acme-viewer", "")
    assert [each["call"] for each in await calls(site, person="other-owner")] == ["c-2"]


async def test_pages_go_on_until_every_call_has_come_once(site: House, log: AuditLog) -> None:
    for number in range(120):
        await made(log, number)
    await settled(log)
    assert [each["call"] for each in await calls(site)] == [f"c-{number}" for number in reversed(range(120))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user=acme-viewer", ["c-4"]),
        ("user=ACME-Viewer", ["c-4"]),
        ("user=nobody", []),
        ("service=slack", ["c-3", "c-2"]),
        ("tool=slack_post_message", ["c-3", "c-2"]),
        ("tool=slack_post", []),
        ("outcome=ok", ["c-4", "c-2", "c-1"]),
        ("outcome=failed", ["c-3"]),
        ("outcome=upstream_failed&service=slack", ["c-3"]),
        ("outcome=cancelled", []),
        ("user=acme-member&service=slack&outcome=ok", ["c-2"]),
        ("until=2020-01-01T00:00", []),
        ("since=2020-02-31T00:00&until=2099-01-01T00:00", ["c-4", "c-3", "c-2", "c-1"]),
    ],
)
async def test_filters_find_what_fits_and_nothing_else(
    site: House, log: AuditLog, query: str, expected: list[str]
) -> None:
    await made(log, 1)
    await made(log, 2, service="slack")
    await made(log, 3, service="slack", code="upstream_failed")
    await made(log, 4, "acme-viewer")
    await made(log, 5, "other-viewer", service="slack", code="upstream_failed")
    await settled(log)
    assert [each["call"] for each in await calls(site, query)] == expected


async def test_a_file_holds_every_call_and_no_formula(site: House, log: AuditLog) -> None:
    for number in range(60):
        await made(log, number)
    await settled(log)
    async with site.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET name = '=cmd()' WHERE id = 'acme-member'"))
    page = await site.ask("acme-admin", "/audit.csv?service=github")
    rows = list(csv.DictReader(page.text.splitlines()))
    assert (len(rows), page.headers["content-type"]) == (60, "text/csv; charset=utf-8")
    assert {row["user_name"] for row in rows} == {"'=cmd()"}
    lines = (await site.ask("acme-admin", "/audit.jsonl?outcome=ok")).text.splitlines()
    assert [json.loads(line)["call"] for line in lines] == [f"c-{number}" for number in reversed(range(60))]


async def test_the_check_tells_the_row_that_was_changed(site: House, log: AuditLog) -> None:  # G09
    await made(log, 1)
    await settled(log)
    good = msgspec.json.decode((await site.change("acme-owner", "POST", "/audit/check")).text)
    assert (good["intact"], good["breaks"]) == (True, [])
    async with site.engine.begin() as connection:
        await connection.execute(text("UPDATE audit SET subject = 'somebody' WHERE call = 'c-1' AND kind = 'intent'"))
    bad = msgspec.json.decode((await site.change("acme-owner", "POST", "/audit/check")).text)
    assert (bad["intact"], [each["reason"] for each in bad["breaks"]]) == (False, ["the row was changed"])
