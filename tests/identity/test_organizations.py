"""Organizations: who may do what in one, and that nobody sees or touches another."""

import inspect
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity.people import Town, town
from tests.support.browser import Browser
from trunkline.admin.site import Access
from trunkline.contract import InvalidArguments, NotFound, PolicyDenied
from trunkline.identity.accounts import Accounts
from trunkline.identity.api_keys import ApiKeys, Wanted
from trunkline.identity.events import Events
from trunkline.identity.invitations import Invitations
from trunkline.identity.members import Members, Standing
from trunkline.identity.ports import SignedIn
from trunkline.identity.presence import Presence
from trunkline.identity.sessions import BrowserSessions

RANKS = ("viewer", "member", "admin", "owner")

# Functions that are not about one organization, each with why that is right.
ACROSS = {
    "Accounts.ensure_owner": "makes the first organization",
    "Accounts.find": "nobody is signed in yet: issuer and subject decide",
    "Accounts.known": "a company's provider vouches for one: issuer and subject decide",
    "Accounts.create": "nobody is signed in yet",
    "Accounts.link": "one's own account, by user",
    "Accounts.unlink": "one's own account, by user",
    "Accounts.identities": "one's own account, by user",
    "Accounts.organizations": "one's own account, by user",
    "Accounts.found": "one's own account, by user",
    "ApiKeys.good": "the key itself decides whose it is",
    "ApiKeys.once": "the key itself decides whose it was",
    "BrowserSessions.signed_in": "the cookie decides whose it is",
    "BrowserSessions.of_secret": "the cookie decides whose it is",
    "Invitations.find": "the link's secret decides",
    "Invitations.of_digest": "the link's secret decides",
    "Invitations.accept": "takes the invitation that was found by its secret",
}


def test_every_function_of_a_store_is_scoped_by_an_organization_or_says_why_not():
    unscoped: set[str] = set()
    for store in (Accounts, ApiKeys, BrowserSessions, Events, Invitations, Members, Presence, Standing):
        for name, function in inspect.getmembers(store, inspect.iscoroutinefunction):
            annotations = {p.annotation for p in inspect.signature(function).parameters.values()}
            named = set(inspect.signature(function).parameters)
            if not name.startswith("_") and SignedIn not in annotations and "organization" not in named:
                unscoped.add(f"{store.__name__}.{name}")
    assert unscoped == set(ACROSS)


async def things(at: Town, owner: SignedIn) -> dict[str, str]:
    """One of everything in the owner's organization: what a route's parts may name."""
    identity = at.world.identity
    service = await identity.members.add_service(owner, "bot", "member")
    await identity.keys.create(owner, Wanted("ci", user=service))
    await identity.invitations.create(owner, "member")
    member = next(one for one in await identity.members.list(owner) if one.role == "member" and one.kind == "person")
    return {
        "user": member.user,
        "key": (await identity.keys.list(owner))[0].id,
        "invitation": (await identity.invitations.list(owner))[0].id,
        "session": owner.session,
        "identity": (await identity.accounts.identities(owner.user))[0].id,
    }


async def snapshot(at: Town, owner: SignedIn) -> list[Any]:
    identity = at.world.identity
    return [
        await identity.members.list(owner),
        await identity.keys.list(owner),
        await identity.invitations.list(owner),
        [one.id for one in await identity.sessions.list(owner)],
        [one.id for one in await identity.accounts.identities(owner.user)],
    ]


async def test_g03_d10_no_route_reaches_a_thing_of_another_organization(engine: AsyncEngine):
    """Walks the table of routes with every id of `acme`, as each role of `other`: 404 (or 403), and nothing changes."""
    at = await town(engine)
    acme, other = await at.organization("acme"), await at.organization("other")
    owner = await at.who(acme["owner"])
    named = await things(at, owner)
    before = await snapshot(at, owner)
    walked = 0
    for route in at.world.router.routes:
        if route.access in (Access.OPEN, Access.API) or "{" not in route.path or "{provider}" in route.path:
            continue
        if "{grant}" in route.path:
            continue  # the authorization server's: tests/programs/test_routes.py
        path = route.path.format(**named)
        for role, browser in other.items():
            csrf = (await at.who(browser)).csrf
            form = {"csrf": csrf, "role": "viewer", "name": "x", "disabled": "1"}
            page = await (browser.post(path, form) if route.method == "POST" else browser.get(path))
            assert page.status in (403, 404), f"{role}: {path}: {page.status}"
            if RANKS.index(role) >= RANKS.index(route.access):
                assert page.status == 404, f"{role}: {path}: one who may do this at home cannot tell that it exists"
            walked += 1
    assert walked > 20
    assert await snapshot(at, owner) == before


async def test_a_user_may_belong_to_two_organizations_and_acts_for_one_at_a_time(engine: AsyncEngine):
    at = await town(engine)
    acme, other = await at.organization("acme"), await at.organization("other")
    both = await at.invited(await at.who(acme["owner"]), "admin", "both")
    first = await at.who(both)
    again = await at.invited(await at.who(other["owner"]), "viewer", "both")
    second = await at.who(again)
    assert (second.user, second.role) == (first.user, "viewer")
    assert second.organization != first.organization
    await again.submit(await again.get("/account"), "/account/organization", organization=first.organization)
    assert ((await at.who(again)).organization, (await at.who(again)).role) == (first.organization, "admin")
    third = (await at.who(acme["owner"])).organization
    assert third == first.organization
    page = await other["owner"].submit(
        await other["owner"].get("/account"), "/account/organization", organization=first.organization
    )
    assert page.status == 404


async def member_id(at: Town, browser: Browser) -> str:
    return (await at.who(browser)).user


async def test_g05_nobody_promotes_themself_or_somebody_above_themself(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    members, admin, owner = at.world.identity.members, await at.who(acme["admin"]), await at.who(acme["owner"])
    viewer = await member_id(at, acme["viewer"])
    with pytest.raises(PolicyDenied):
        await members.set_role(admin, admin.user, "owner")
    with pytest.raises(PolicyDenied):
        await members.set_role(admin, viewer, "owner")
    with pytest.raises(PolicyDenied):
        await members.set_role(admin, owner.user, "viewer")
    for act in (members.remove(admin, owner.user), members.set_disabled(admin, owner.user, True)):
        with pytest.raises(PolicyDenied):
            await act
    with pytest.raises(PolicyDenied):
        await members.set_role(await at.who(acme["member"]), viewer, "member")
    with pytest.raises(PolicyDenied):
        await at.world.identity.invitations.create(admin, "owner")
    with pytest.raises(PolicyDenied):
        await members.add_service(admin, "bot", "owner")
    with pytest.raises(PolicyDenied):
        await members.set_role(owner, viewer, "superuser")


async def test_g05_the_last_owner_stays(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    members, owner = at.world.identity.members, await at.who(acme["owner"])
    admin = await member_id(at, acme["admin"])
    await members.set_role(owner, admin, "owner")
    second = await at.who(acme["admin"])
    await members.remove(second, owner.user)
    assert [one.role for one in await members.list(second)].count("owner") == 1
    service = await members.add_service(second, "bot", "owner")
    assert service
    with pytest.raises(PolicyDenied):
        await members.remove(second, second.user)
    bot = SignedIn(service, "bot", second.organization, "owner", "", "")
    with pytest.raises(InvalidArguments, match="last owner"):
        await members.remove(bot, second.user)
    with pytest.raises(InvalidArguments, match="last owner"):
        await members.set_role(bot, second.user, "admin")


async def test_g04_fields_that_a_form_does_not_have_change_nothing(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    member = acme["member"]
    more = {"role": "owner", "organization": "local", "is_admin": "1", "user": await member_id(at, acme["owner"])}
    await member.submit(await member.get("/account"), "/account/keys", name="mine", days="1", **more)
    who = await at.who(member)
    (key,) = await at.world.identity.keys.list(who)
    assert (key.user, who.role) == (who.user, "member")


async def test_a_disabled_or_removed_member_is_out_at_once(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    identity, owner = at.world.identity, await at.who(acme["owner"])
    for role, act in (("member", "disabled"), ("viewer", "remove")):
        browser = acme[role]
        user = await member_id(at, browser)
        await acme["owner"].submit(await acme["owner"].get("/members"), f"/members/{user}/{act}", disabled="1")
        assert (await browser.get("/account")).status == 303
        assert await identity.standing.member(owner.organization, user) is None
        with pytest.raises(AssertionError, match="disabled" if act == "disabled" else "no organization"):
            await at.sign_in(f"acme-{role}")


async def test_an_invitation_is_accepted_once_in_its_time_and_by_whom_it_names(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    invitations, owner = at.world.identity.invitations, await at.who(acme["owner"])
    secret = await invitations.create(owner, "member", "Ann@acme.example")
    with pytest.raises(AssertionError, match="another address"):
        await at.sign_in("mallory", secret)
    await at.sign_in("ann", secret)
    with pytest.raises(AssertionError, match="not valid any more"):
        await at.sign_in("bob", secret)
    late, revoked = await invitations.create(owner, "member"), await invitations.create(owner, "member")
    await invitations.revoke(owner, (await invitations.find(revoked)).id)
    with pytest.raises(NotFound):
        await invitations.find(revoked)
    at.world.clock.at += 8 * 24 * 3600
    with pytest.raises(NotFound):
        await invitations.find(late)


async def test_a_second_way_to_sign_in_is_added_only_by_asking_for_it(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    browser = acme["member"]
    page = await browser.submit(await browser.get("/account"), "/account/link/idp")
    assert page.status == 200
    location = page.headers["refresh"].partition("url=")[2]
    at.idp.claims = {"sub": "second", "email": "acme-admin@acme.example"}
    back = await browser.get(f"/auth/idp/callback?{at.idp.approve(location)}")
    assert (back.status, back.location) == (303, "/account")
    assert (await at.who(await at.sign_in("second"))).user == await member_id(at, browser)


async def test_a_way_in_is_not_added_to_whoever_has_signed_in_meanwhile_nor_taken_from_another(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    browser = acme["member"]
    pages = [await browser.submit(await browser.get("/account"), "/account/link/idp") for _ in range(2)]
    taken, swapped = (page.headers["refresh"].partition("url=")[2] for page in pages)
    at.idp.claims = {"sub": "acme-viewer"}
    assert (await browser.get(f"/auth/idp/callback?{at.idp.approve(taken)}")).status == 400
    browser.cookies |= {name: value for name, value in acme["admin"].cookies.items() if "browser" not in name}
    at.idp.claims = {"sub": "third"}
    assert (await browser.get(f"/auth/idp/callback?{at.idp.approve(swapped)}")).status == 403


async def test_the_last_way_in_cannot_be_removed(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    who = await at.who(acme["member"])
    (only,) = await at.world.identity.accounts.identities(who.user)
    page = await acme["member"].submit(await acme["member"].get("/account"), f"/account/identities/{only.id}/remove")
    assert page.status == 400


async def test_g01_names_of_other_people_are_inert_on_our_pages(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    evil = "<img src=x onerror=alert(1)>\u202egpj"
    secret = await at.world.identity.invitations.create(await at.who(acme["owner"]), "member")
    at.idp.claims = {"sub": "evil", "name": evil, "email": f'{evil}"@x'}
    browser = at.world.browser()
    browser.agent = evil.replace("\u202e", "")
    page = await browser.get(f"/auth/idp/start?invitation={secret}")
    await browser.get(f"/auth/idp/callback?{at.idp.approve(page.location)}")
    for shown in (await browser.get("/account"), await acme["owner"].get("/members")):
        assert "<img" not in shown.text
        assert "\u202e" not in shown.text
        assert "&lt;img" in shown.text
