"""Who connects a service and through which app: said by an admin, in one organization, and the secret never told."""

import json

import pytest

from tests.admin.house import URL, House

SECRET = "made-up-app-secret"
APP = {"client_id": "Iv1.made-up", "client_secret": SECRET}


async def test_at_first_everybody_connects_for_themselves_and_there_is_no_app(connecting: House) -> None:
    rule = await connecting.get("acme-admin", "/services/github/rule")
    assert (rule["who"], rule["said"], rule["scopes"]) == ("personal", False, [])
    assert rule["app"]["client_id"] == ""
    assert rule["app"]["redirect_url"] == f"{URL}/connect/callback/github"
    assert rule["app"]["register"].startswith("https://github.com/")


async def test_an_app_is_stored_replaced_and_forgotten_and_its_secret_never_told(connecting: House) -> None:
    saved = await connecting.change("acme-admin", "POST", "/services/github/app", **APP)
    assert saved.status == 200, saved.text
    assert json.loads(saved.text)["app"]["client_id"] == "Iv1.made-up"
    shown = await connecting.ask("acme-admin", "/services/github/rule")
    page = await connecting.people["acme-admin"].get("/services/github/settings")
    assert "Iv1.made-up" in page.text
    assert f"{URL}/connect/callback/github" in page.text
    for text in (saved.text, shown.text, page.text):
        assert SECRET not in text
    other = await connecting.get("other-admin", "/services/github/rule")
    assert other["app"]["client_id"] == ""
    assert (await connecting.change("other-admin", "DELETE", "/services/github/app")).status == 404
    assert (await connecting.change("acme-admin", "DELETE", "/services/github/app")).status == 200
    assert (await connecting.change("acme-admin", "DELETE", "/services/github/app")).status == 404


async def test_what_is_said_of_a_service_holds_and_is_an_event(connecting: House) -> None:
    changed = await connecting.change("acme-owner", "POST", "/services/github/rule", who="shared", scopes=["repo"])
    assert changed.status == 200, changed.text
    rule = await connecting.get("acme-admin", "/services/github/rule")
    assert (rule["who"], rule["said"], rule["scopes"]) == ("shared", True, ["repo"])
    assert not (await connecting.get("other-admin", "/services/github/rule"))["said"]
    (event, *_) = await connecting.identity.events.list("acme")
    assert (event.act, event.actor, event.target) == ("service.configure", "acme-owner", "github")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/services/nothing/rule", {"who": "shared"}, 404),
        ("/services/github/rule", {"who": "nobody"}, 400),
        ("/services/github/rule", {"who": "shared", "organization": "other"}, 400),
        ("/services/stripe/app", APP, 400),
        ("/services/github/app", {**APP, "client_id": ""}, 400),
        ("/services/github/app", {**APP, "client_secret": "two\nlines"}, 400),
        ("/services/github/app", {**APP, "variables": {"host": "evil.example"}}, 400),
        ("/services/shopify/app", {**APP, "variables": {"shop": "evil.example/x"}}, 400),
    ],
)
async def test_what_does_not_fit_is_refused(connecting: House, path: str, body: dict[str, object], status: int) -> None:
    answer = await connecting.change("acme-admin", "POST", path, **body)
    assert answer.status == status, answer.text
    assert SECRET not in answer.text


async def test_the_page_s_forms_do_the_same(connecting: House) -> None:
    admin, here = connecting.people["acme-admin"], "/services/shopify/settings"
    page = await admin.get(here)
    fields = {"client_id": "app", "client_secret": SECRET, "variable.shop": "acme"}
    assert (await admin.submit(page, f"{here}/app", **fields)).location == here
    assert (
        await admin.submit(page, f"{here}/rule", who="either", scopes="read_orders, read_products")
    ).location == here
    rule = await connecting.get("acme-admin", "/services/shopify/rule")
    assert (rule["who"], rule["scopes"]) == ("either", ["read_orders", "read_products"])
    assert rule["app"]["variables"] == {"shop": "acme"}
    wrong = await admin.submit(page, f"{here}/rule", who="anybody")
    assert wrong.status == 400
    assert (await admin.submit(page, f"{here}/app/remove")).location == here
    assert (await connecting.get("acme-admin", "/services/shopify/rule"))["app"]["client_id"] == ""


async def test_where_all_is_connected_there_is_nothing_to_say(site: House) -> None:
    assert (await site.ask("acme-admin", "/services/github/rule")).status == 404
    assert (await site.people["acme-admin"].get("/services/github/settings")).status == 404
