"""The pages of members, as they come without a script."""

from tests.admin.house import House


async def test_a_member_has_a_page_with_what_can_be_done(site: House) -> None:
    admin = site.people["acme-admin"]
    listed = await admin.get("/members?search=member")
    assert 'href="/members/acme-member"' in listed.text
    page = await admin.get("/members/acme-member")
    assert "Remove" in page.text
    assert '<select name="role"' in page.text
    ended = await admin.submit(page, "/members/acme-member/sessions/end")
    assert ended.location == "/members/acme-member"
    assert "Not signed in." in (await admin.get("/members/acme-member")).text


async def test_ones_own_page_offers_no_change_of_ones_own_standing(site: House) -> None:
    page = await site.people["acme-admin"].get("/members/acme-admin")
    assert "Remove" not in page.text
    assert '<select name="role"' not in page.text


async def test_the_key_of_a_service_account_is_shown_once_and_revoked_there(site: House) -> None:
    admin = site.people["acme-admin"]
    made = await admin.submit(await admin.get("/members"), "/members", name="deploy", role="member")
    page = await admin.submit(await admin.get(made.location), f"{made.location}/keys", name="ci")
    assert "tl_key_" in page.text.partition('<pre id="key">')[2][:10]
    assert "ci" in page.text
    (key,) = await site.identity.keys.list(await site.who("acme-admin"))
    await admin.submit(page, f"{made.location}/keys/{key.id}/revoke")
    assert await site.identity.keys.list(await site.who("acme-admin")) == ()


async def test_an_invitations_link_is_shown_once_and_a_role_above_ones_own_is_not_given(site: House) -> None:
    admin = site.people["acme-admin"]
    page = await admin.get("/members")
    assert "/invite/" in (await admin.submit(page, "/invitations", role="member", email="")).text
    assert "/invite/" not in (await admin.get("/members")).text
    assert (await admin.submit(page, "/invitations", role="owner", email="")).status == 403


async def test_fields_that_a_form_does_not_have_are_not_looked_at(site: House) -> None:
    admin = site.people["acme-admin"]
    page = await admin.get("/members/acme-viewer")
    await admin.submit(page, "/members/acme-viewer/role", role="member", organization="other", disabled="1")
    member = (await site.get("acme-admin", "/members/acme-viewer"))["member"]
    assert (member["role"], member["disabled"]) == ("member", False)
