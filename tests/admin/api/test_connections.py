"""Connections by the API: those of whoever asks, and no others."""

import json

from tests.admin.house import House
from trunkline.contract import Principal


async def connected(house: House, person: str, *, shared: bool = False) -> None:
    by = await house.who(person)
    store = (await house.connections()).parts.store
    service = house.assembly.catalog.services["github"]
    await store.save(Principal(by.user, by.organization, by.name), service, {"token": "made-up"}, shared=shared)


async def test_ones_own_come_before_those_of_everybody_and_others_are_not_seen(connecting: House) -> None:
    await connected(connecting, "acme-owner", shared=True)
    await connected(connecting, "acme-member")
    await connected(connecting, "other-member")
    seen = await connecting.get("acme-member", "/connections")
    assert [(row["title"], row["shared"]) for row in seen["connections"]] == [("GitHub", False), ("GitHub", True)]
    assert (await connecting.get("acme-viewer", "/connections"))["total"] == 1
    assert (await connecting.get("acme-member", "/connections?shared=false&search=git"))["total"] == 1
    assert "made-up" not in json.dumps(seen)


async def test_a_verdict_says_why_a_connection_is_not_good(connecting: House) -> None:
    """Nothing answers where this sandbox would be."""
    await connected(connecting, "acme-member")
    (row,) = (await connecting.get("acme-member", "/connections"))["connections"]
    told = json.loads((await connecting.change("acme-member", "POST", f"/connections/{row['id']}/verify")).text)
    assert told["good"] is False
    assert told["reason"]
    (row,) = (await connecting.get("acme-member", "/connections"))["connections"]
    assert row["used_at"] > 1


async def test_only_ones_own_is_disconnected(connecting: House) -> None:
    await connected(connecting, "acme-owner", shared=True)
    await connected(connecting, "acme-member")
    own, shared = (await connecting.get("acme-member", "/connections"))["connections"]
    assert (await connecting.change("other-owner", "DELETE", f"/connections/{own['id']}")).status == 404
    assert (await connecting.change("acme-member", "DELETE", f"/connections/{shared['id']}")).status == 403
    gone = await connecting.change("acme-member", "DELETE", f"/connections/{own['id']}")
    assert (gone.status, json.loads(gone.text)) == (200, {"given_back": False})
    assert (await connecting.get("acme-member", "/connections"))["total"] == 1
