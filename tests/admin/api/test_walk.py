"""Every row of the table of endpoints, asked by those who may not."""

import pytest

from tests.admin.house import ROLES, House
from tests.support.browser import Page
from trunkline.admin.api.dispatch import PREFIX
from trunkline.admin.api.endpoint import Endpoint
from trunkline.identity.roles import reaches

SAMPLE = {"service": "github", "tool": "github_list_repos_for_authenticated_user"}


@pytest.fixture
def site(connecting: House) -> House:
    """With every room that there is."""
    return connecting


def path_of(endpoint: Endpoint) -> str:
    return PREFIX + endpoint.path.format_map({name: SAMPLE.get(name, "none-of-ours") for name in endpoint.in_path})


async def sent(house: House, person: str, endpoint: Endpoint, **headers: str) -> Page:
    browser = house.people[person] if person else house.nobody
    return await browser.send(endpoint.method, path_of(endpoint), headers, b"")


async def test_without_a_session_every_endpoint_is_401(site: House) -> None:
    for endpoint in site.admin.api.endpoints:
        answer = await sent(site, "", endpoint)
        assert (endpoint.path, answer.status) == (endpoint.path, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_lesser_role_is_403_at_every_endpoint_by_session_and_by_key(site: House) -> None:
    for endpoint in site.admin.api.endpoints:
        for role in (each for each in ROLES if not reaches(each, endpoint.role)):
            user = await site.who(f"acme-{role}")
            own = {"x-csrf-token": user.csrf}
            assert (await sent(site, user.user, endpoint, **own)).status == 403, endpoint.path
            assert (await sent(site, "", endpoint, **(await site.key(user.user)))).status == 403, endpoint.path


async def test_what_changes_something_is_403_without_the_sessions_token_or_from_another_site(site: House) -> None:
    for endpoint in (each for each in site.admin.api.endpoints if not each.safe):
        token = {"x-csrf-token": (await site.who("acme-owner")).csrf}
        for headers in ({}, {"x-csrf-token": "guess"}, {**token, "sec-fetch-site": "cross-site"}):
            assert (await sent(site, "acme-owner", endpoint, **headers)).status == 403, endpoint.path
        foreign = {**token, "origin": "https://evil.example"}
        assert (await sent(site, "acme-owner", endpoint, **foreign)).status == 403, endpoint.path


async def test_a_key_that_only_reads_changes_nothing_and_one_of_a_toolset_administers_nothing(site: House) -> None:
    reading, narrow = await site.key("acme-owner", read_only=True), await site.key("acme-owner", toolsets=("github",))
    for endpoint in site.admin.api.endpoints:
        assert (await sent(site, "", endpoint, **narrow)).status == 401, endpoint.path
        if not endpoint.safe:
            assert (await sent(site, "", endpoint, **reading)).status == 403, endpoint.path


@pytest.mark.parametrize("value", ["Bearer", "Bearer x", "Basic YTpi", "Bearer tlk_guess", ""])
async def test_a_bad_credential_is_401_even_with_a_good_cookie(site: House, value: str) -> None:
    endpoint = site.admin.api.endpoints[0]
    assert (await sent(site, "acme-owner", endpoint, authorization=value)).status == 401


async def test_a_revoked_key_is_401(site: House) -> None:
    endpoint, key = site.admin.api.endpoints[0], await site.key("acme-owner")
    assert (await sent(site, "", endpoint, **key)).status == 200
    user = await site.who("acme-owner")
    for one in await site.identity.keys.list(user):
        await site.identity.keys.revoke(user, one.id)
    assert (await sent(site, "", endpoint, **key)).status == 401


async def test_no_answer_is_stored_by_a_browser(site: House) -> None:
    for endpoint in (each for each in site.admin.api.endpoints if each.safe):
        assert (await sent(site, "acme-owner", endpoint)).headers["cache-control"] == "no-store"
