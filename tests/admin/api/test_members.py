"""Members by the API: who sees whom, what changes, and what ends."""

import json

from tests.admin.house import House


async def test_members_are_searched_by_name_and_role_and_say_when_they_were_seen(site: House) -> None:
    assert (await site.get("acme-admin", "/members"))["total"] == 4
    (row,) = (await site.get("acme-admin", "/members?search=VIEWER&role=viewer"))["members"]
    assert (row["member"]["user"], row["seen_at"] > 1) == ("acme-viewer", True)
    assert (await site.get("acme-admin", "/members?search=other"))["total"] == 0


async def test_a_role_is_given_and_reaches_no_higher_than_the_givers(site: House) -> None:
    assert (await site.change("acme-admin", "POST", "/members/acme-viewer/role", role="member")).status == 200
    assert (await site.get("acme-admin", "/members/acme-viewer"))["member"]["role"] == "member"
    assert (await site.change("acme-admin", "POST", "/members/acme-viewer/role", role="owner")).status == 403
    assert (await site.change("acme-admin", "POST", "/members/acme-viewer/role", role="superuser")).status == 400


async def test_the_sessions_of_a_member_are_shown_and_ended(site: House) -> None:
    (session,) = (await site.get("acme-admin", "/members/acme-member"))["sessions"]
    path = f"/members/acme-member/sessions/{session['id']}"
    assert (await site.change("other-admin", "DELETE", path)).status == 404
    assert (await site.change("acme-admin", "DELETE", path)).status == 200
    assert (await site.ask("acme-member", "/keys")).status == 401
    assert (await site.change("acme-admin", "DELETE", path)).status == 404


async def test_all_sessions_end_at_once_but_not_those_of_somebody_above(site: House) -> None:
    assert (await site.change("acme-admin", "DELETE", "/members/acme-viewer/sessions")).status == 200
    assert (await site.ask("acme-viewer", "/keys")).status == 401
    assert (await site.change("acme-admin", "DELETE", "/members/acme-owner/sessions")).status == 403
    assert (await site.ask("acme-admin", "/members/acme-owner")).status == 403


async def test_a_disabled_member_is_out_until_enabled_and_a_removed_one_for_good(site: House) -> None:
    assert (await site.change("acme-admin", "POST", "/members/acme-member/disabled", disabled=True)).status == 200
    assert (await site.ask("acme-member", "/keys")).status == 401
    assert (await site.change("acme-admin", "POST", "/members/acme-member/disabled", disabled=False)).status == 200
    assert (await site.change("acme-admin", "DELETE", "/members/acme-member")).status == 200
    assert (await site.ask("acme-admin", "/members/acme-member")).status == 404


async def test_an_invitation_is_a_link_that_can_be_taken_back(site: House) -> None:
    made = await site.change("acme-admin", "POST", "/invitations", role="viewer", email="new@acme.example")
    link = json.loads(made.text)["url"]
    assert (await site.nobody.get(link)).status == 200
    (waiting,) = (await site.get("acme-admin", "/invitations"))["invitations"]
    assert waiting["email"] == "new@acme.example"
    assert (await site.change("other-owner", "DELETE", f"/invitations/{waiting['id']}")).status == 404
    assert (await site.change("acme-admin", "DELETE", f"/invitations/{waiting['id']}")).status == 200
    assert (await site.nobody.get(link)).status == 404


async def test_a_service_account_has_keys_and_its_acts_are_written_down(site: House) -> None:
    made = await site.change("acme-admin", "POST", "/members", name="deploy", role="member")
    user = json.loads(made.text)["user"]
    assert (await site.change("acme-admin", "POST", "/keys", name="ci", user=user)).status == 200
    assert (await site.get("acme-admin", f"/keys?user={user}"))["total"] == 1
    acts = [event.act for event in await site.identity.events.list("acme")]
    assert {"service.create", "key.create"} <= set(acts)
