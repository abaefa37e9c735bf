"""Settings by the API: what is told, and what owners change."""

import json

from tests.admin.house import House


async def test_it_tells_limits_and_what_is_kept_but_no_folder_and_no_secret(site: House) -> None:
    view = await site.get("acme-admin", "/settings")
    limits = {one["name"]: one["value"] for one in view["facts"]["limits"]}
    assert (limits["call_seconds"], limits["read_only"], limits["denied"]) == ("60", "off", "none")
    assert view["facts"]["url"] == "https://gw.example/mcp"
    assert view["keys"] is None
    assert str(site.folder) not in json.dumps(view)


async def test_an_owner_names_the_organization(site: House) -> None:
    assert (await site.change("acme-owner", "POST", "/settings/organization", name="Acme Works")).status == 200
    assert (await site.get("acme-admin", "/settings"))["organization"] == "Acme Works"
    assert (await site.get("other-admin", "/settings"))["organization"] == "other"
    assert (await site.change("acme-owner", "POST", "/settings/organization", name="  ")).status == 400
    assert (await site.change("acme-admin", "POST", "/settings/organization", name="Mine")).status == 403


async def test_the_keys_of_stored_secrets_are_told_and_rotated(connecting: House) -> None:
    keys = (await connecting.get("acme-owner", "/settings"))["keys"]
    assert (keys["status"]["provider"], keys["fault"]) == ("file", "")
    done = await connecting.change("acme-owner", "POST", "/settings/keys/rotate", fresh=True)
    assert done.status == 200
    assert (await connecting.get("acme-owner", "/settings"))["keys"]["status"]["current"] != keys["status"]["current"]
    assert "keys.rotate" in [event.act for event in await connecting.identity.events.list("acme")]


async def test_where_nothing_is_stored_nothing_is_rotated(site: House) -> None:
    assert (await site.change("acme-owner", "POST", "/settings/keys/rotate")).status == 404
