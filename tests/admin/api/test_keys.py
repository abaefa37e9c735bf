"""API keys by the API: made by people, seen by whoever may, revoked for good."""

import json

from tests.admin.house import House


async def made(house: House, person: str, **wanted: object) -> str:
    answer = await house.change(person, "POST", "/keys", **{"name": "laptop", **wanted})
    assert answer.status == 200, answer.text
    return str(json.loads(answer.text)["key"])


async def test_a_key_is_told_once_works_and_ends_when_it_is_revoked(site: House) -> None:
    key = await made(site, "acme-member")
    header = {"authorization": f"Bearer {key}"}
    listed = await site.get("acme-member", "/keys")
    assert [one["name"] for one in listed["keys"]] == ["laptop"]
    assert key not in json.dumps(listed)
    assert (await site.nobody.get("/api/v1/keys", header)).status == 200
    gone = await site.change("acme-member", "DELETE", f"/keys/{listed['keys'][0]['id']}")
    assert gone.status == 200
    assert (await site.nobody.get("/api/v1/keys", header)).status == 401


async def test_an_api_key_makes_no_further_keys(site: House) -> None:
    header = await site.key("acme-owner")
    body = {"content-type": "application/json", **header}
    answer = await site.nobody.send("POST", "/api/v1/keys", body, b'{"name": "more"}')
    assert answer.status == 403


async def test_an_admin_sees_the_keys_of_the_organization_and_nobody_those_of_another(site: House) -> None:
    await made(site, "acme-member")
    await made(site, "other-member")
    assert [key["user"] for key in (await site.get("acme-admin", "/keys"))["keys"]] == ["acme-member"]
    assert (await site.get("acme-admin", "/keys?user=acme-viewer"))["total"] == 0
    assert (await site.get("acme-viewer", "/keys"))["total"] == 0
    theirs = (await site.get("other-member", "/keys"))["keys"][0]["id"]
    assert (await site.change("acme-owner", "DELETE", f"/keys/{theirs}")).status == 404


async def test_what_a_key_cannot_be_is_refused(site: House) -> None:
    for wanted in ({"name": ""}, {"name": "a", "days": -1}, {"name": "a", "role": "owner"}):
        assert (await site.change("acme-member", "POST", "/keys", **wanted)).status == 400
    for_another = {"name": "a", "user": "acme-viewer"}
    assert (await site.change("acme-member", "POST", "/keys", **for_another)).status == 403
