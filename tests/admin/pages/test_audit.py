"""The page of the audit log, as it comes without a script."""

import csv

from tests.admin.api.test_audit import made, settled
from tests.admin.house import House
from tests.support.wait import until_async
from trunkline.gateway.audit import AuditLog


async def test_it_shows_calls_offers_them_as_files_and_checks_the_chains(site: House) -> None:
    log = AuditLog(site.folder / "trunkline.db")
    await log.start()
    for number in range(60):
        await made(log, number, code="ok" if number % 2 else "upstream_failed")
    await settled(log)
    owner = site.people["acme-owner"]
    page = await owner.get("/audit?outcome=failed")
    assert page.text.count("upstream failed") == 30
    file = await owner.get("/api/v1/audit.csv?outcome=failed")
    assert len(list(csv.reader(file.text.splitlines()))) == 31
    assert 'href="/api/v1/audit.csv?user=&amp;service=&amp;tool=&amp;outcome=failed' in page.text
    assert 'rel="next"' in (await owner.get("/audit")).text
    checked = await owner.submit(page, "/audit/check")
    assert "Intact." in checked.text
    await log.close()


async def test_it_is_for_admins_and_its_check_for_owners(site: House) -> None:
    assert (await site.people["acme-member"].get("/audit")).status == 403
    page = await site.people["acme-admin"].get("/audit")
    assert "Check the chains" not in page.text
    assert (await site.people["acme-admin"].submit(page, "/audit/check")).status == 403


async def test_a_calls_page_tells_where_its_time_went_to_its_own_organization(site: House) -> None:
    owner = site.people["acme-owner"]
    await owner.submit(await owner.get("/start"), "/start/call")

    async def written() -> str:
        calls = (await site.get("acme-owner", "/audit"))["calls"]
        return str(calls[0]["call"]) if calls and calls[0]["outcome"] else ""

    call = await until_async(written, 5, "the call's end")
    stages = (await site.get("acme-owner", f"/audit/{call}"))["stages"]
    assert [stage["name"] for stage in stages] == ["allow", "record", "upstream", "rest"]
    assert "Where the time went" in (await owner.get(f"/audit/{call}")).text
    assert (await site.people["other-owner"].get(f"/audit/{call}")).status == 404
