"""The page of settings, as it comes without a script."""

from tests.admin.house import House


async def test_an_admin_reads_what_an_owner_changes(connecting: House) -> None:
    owner, admin = connecting.people["acme-owner"], connecting.people["acme-admin"]
    page = await owner.get("/settings")
    renamed = await owner.submit(page, "/settings/organization", name=" Acme Works ")
    assert renamed.location == "/settings"
    seen = await admin.get("/settings")
    assert "Acme Works" in seen.text
    assert "/settings/keys/rotate" not in seen.text
    assert (await admin.submit(seen, "/settings/keys/rotate")).status == 403


async def test_a_rotation_says_what_it_did(connecting: House) -> None:
    owner = connecting.people["acme-owner"]
    rotated = await owner.submit(await owner.get("/settings"), "/settings/keys/rotate", fresh="1")
    assert "Rotated." in rotated.text


async def test_a_name_that_is_none_is_refused(site: House) -> None:
    owner = site.people["acme-owner"]
    assert (await owner.submit(await owner.get("/settings"), "/settings/organization", name=" ")).status == 400
