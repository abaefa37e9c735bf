"""What only Google, Microsoft and GitHub do, against contract fakes (see providers.py: they are not those services)."""

from typing import Any, Protocol

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.signin.providers import OTHER_TENANT, TENANT, GitHubFake, google, microsoft
from tests.identity.site import START, query_of
from tests.support.browser import Browser, Page
from trunkline.contract import InvalidSettings
from trunkline.identity.signin.settings import PERSONAL_TENANT
from trunkline.infra.fetch import Fetch
from trunkline.infra.tables import identities


class Fake(Fetch, Protocol):
    def approve(self, url: str) -> str: ...


async def sign_in(engine: AsyncEngine, fake: Fake, kind: str, **table: Any) -> Page:
    """A sign-in from the beginning, with these settings of the provider."""
    at = await site.opened(engine, fake, (site.provider(kind=kind, **table),))
    browser = at.browser()
    return await finish(browser, fake, kind)


async def finish(browser: Browser, fake: Fake, kind: str) -> Page:
    page = await browser.get(f"/auth/{kind}/start")
    assert page.status == 303, page.text
    return await browser.get(f"/auth/{kind}/callback?{fake.approve(page.location)}")


async def known(engine: AsyncEngine) -> list[tuple[str, str]]:
    """Issuer and subject of every identity."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(identities.c.issuer, identities.c.subject))
        return [(row.issuer, row.subject) for row in rows]


GOOGLE: dict[str, Any] = {"kind": "google", "domains": ["acme.example"], "join": True}


async def test_google_lets_in_its_workspace_and_knows_people_by_sub(engine: AsyncEngine):
    assert (await sign_in(engine, google(START), **GOOGLE)).status == 303
    assert await known(engine) == [("https://accounts.google.com", "1122")]


async def test_googles_issuer_may_come_without_its_scheme(engine: AsyncEngine):
    assert (await sign_in(engine, google(START, iss="accounts.google.com"), **GOOGLE)).status == 303
    assert (await sign_in(engine, google(START, iss="https://accounts.google.com"), **GOOGLE)).status == 303
    assert await known(engine) == [("https://accounts.google.com", "1122")]


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"hd": None}, {"hd": "evil.example"}, {"hd": "acme.example.evil.example"}]
)
async def test_c02_google_refuses_unverified_addresses_and_other_workspaces(
    engine: AsyncEngine, claims: dict[str, Any]
):
    assert (await sign_in(engine, google(START, **claims), **GOOGLE)).status == 403
    assert await known(engine) == []


MICROSOFT: dict[str, Any] = {"kind": "microsoft", "tenants": [TENANT], "join": True}
SEVERAL: dict[str, Any] = {**MICROSOFT, "tenants": [TENANT, OTHER_TENANT]}


async def test_microsoft_knows_people_by_tenant_and_object_id(engine: AsyncEngine):
    assert (await sign_in(engine, microsoft(START), **MICROSOFT)).status == 303
    assert await known(engine) == [(f"https://login.microsoftonline.com/{TENANT}/v2.0", "oid-1")]


async def test_one_address_in_two_tenants_is_two_people(engine: AsyncEngine):
    """nOAuth: the e-mail claim is whatever a tenant's administrator wrote."""
    for tenant in (TENANT, OTHER_TENANT):
        fake = microsoft(START, "organizations", "{tenantid}", tid=tenant, email="alice@acme.example")
        assert (await sign_in(engine, fake, **SEVERAL)).status == 303
    assert len(await known(engine)) == 2


async def test_c04_a_token_of_an_unexpected_tenant_is_refused(engine: AsyncEngine):
    fake = microsoft(START, "organizations", "{tenantid}", tid="88888888-2222-3333-4444-555555555555")
    assert (await sign_in(engine, fake, **SEVERAL)).status == 403
    assert await known(engine) == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"},
        {"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"},
        {"iss": f"https://sts.windows.net/{TENANT}/"},
        {"tid": None},
        {"oid": None},
    ],
)
async def test_c04_tenant_and_issuer_of_a_token_must_agree(engine: AsyncEngine, claims: dict[str, Any]):
    fake = microsoft(START, "organizations", "{tenantid}")
    fake.claims |= claims
    assert (await sign_in(engine, fake, **SEVERAL)).status == 401
    assert await known(engine) == []


async def test_c04_a_personal_account_is_refused_where_only_organizations_are_let_in(engine: AsyncEngine):
    fake = microsoft(START, "organizations", "{tenantid}", tid=PERSONAL_TENANT)
    assert (await sign_in(engine, fake, **SEVERAL)).status == 403


async def test_personal_accounts_are_let_in_where_the_owner_says_so_but_never_without_an_invitation(
    engine: AsyncEngine,
):
    fake = microsoft(START, "common", "{tenantid}", tid=PERSONAL_TENANT)
    table = {**MICROSOFT, "personal": True}
    at = await site.opened(engine, fake, (site.provider(**table),))
    browser = at.browser()
    assert (await finish(browser, fake, "microsoft")).status == 403
    owner, page = await at.owner()
    invited = await owner.submit(page, "/invitations", role="member", email="")
    secret = invited.text.partition("/invite/")[2][:43]
    leaving = await browser.get(f"/auth/microsoft/start?invitation={secret}")
    assert (await browser.get(f"/auth/microsoft/callback?{fake.approve(leaving.location)}")).status == 303


@pytest.mark.parametrize(
    ("table", "authority"),
    [
        ({"tenants": [TENANT]}, TENANT),
        ({"tenants": [TENANT, OTHER_TENANT]}, "organizations"),
        ({"personal": True}, "consumers"),
        ({"tenants": [TENANT], "personal": True}, "common"),
    ],
)
async def test_microsoft_is_asked_for_the_narrowest_kind_of_account(
    engine: AsyncEngine, table: dict[str, Any], authority: str
):
    published = {"organizations": "{tenantid}", "common": "{tenantid}", "consumers": PERSONAL_TENANT}
    fake = microsoft(START, authority, published.get(authority, ""))
    at = await site.opened(engine, fake, (site.provider(kind="microsoft", **table),))
    assert (await at.browser().get("/auth/microsoft/start")).status == 303
    assert fake.asked == [f"https://login.microsoftonline.com/{authority}/v2.0/.well-known/openid-configuration"]


GITHUB: dict[str, Any] = {"kind": "github", "organizations": ["Acme"], "join": True}


async def test_c03_github_knows_people_by_their_number_not_their_login(engine: AsyncEngine):
    assert (await sign_in(engine, GitHubFake(), **GITHUB)).status == 303
    assert (await sign_in(engine, GitHubFake({"id": 4711, "login": "alice-renamed"}), **GITHUB)).status == 303
    assert await known(engine) == [("https://github.com", "4711")]
    assert (await sign_in(engine, GitHubFake({"id": 4712, "login": "alice"}), **GITHUB)).status == 303
    assert await known(engine) == [("https://github.com", "4711"), ("https://github.com", "4712")]


@pytest.mark.parametrize("id", ["4711", None, True, 4711.5])
async def test_c03_github_without_a_number_is_nobody(engine: AsyncEngine, id: Any):
    assert (await sign_in(engine, GitHubFake({"id": id, "login": "alice"}), **GITHUB)).status == 401


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [{"email": "alice@acme.example", "primary": True, "verified": False}],
        [{"email": "alice@evil.example", "primary": True, "verified": True}],
        [
            {"email": "alice@acme.example", "primary": True, "verified": False},
            {"email": "alice@evil.example", "primary": False, "verified": True},
        ],
    ],
)
async def test_c03_only_githubs_verified_addresses_count(engine: AsyncEngine, emails: list[dict[str, Any]]):
    table: dict[str, Any] = {**GITHUB, "domains": ["acme.example"]}
    assert (await sign_in(engine, GitHubFake(emails=emails), **table)).status == 403
    assert await known(engine) == []


async def test_a_hidden_address_does_no_harm_where_none_is_asked_for(engine: AsyncEngine):
    assert (await sign_in(engine, GitHubFake(emails=[]), **GITHUB)).status == 303


async def test_github_lets_in_only_members_of_the_organizations_named(engine: AsyncEngine):
    assert (await sign_in(engine, GitHubFake(organizations=[{"login": "evil"}]), **GITHUB)).status == 403
    assert (await sign_in(engine, GitHubFake(organizations=[]), **GITHUB)).status == 403


async def test_githubs_error_with_status_200_is_a_refusal_and_is_escaped(engine: AsyncEngine):
    page = await sign_in(engine, GitHubFake(refused="bad_verification_code"), **GITHUB)
    assert page.status == 401
    assert "bad_verification_code" in page.text
    assert "<b>" not in page.text


async def test_github_is_asked_with_pkce_and_for_organizations_only_where_they_matter(engine: AsyncEngine):
    for table, scope in ((GITHUB, "read:user user:email read:org"), ({"kind": "github"}, "read:user user:email")):
        at = await site.opened(engine, GitHubFake(), (site.provider(**table),))
        asked = query_of((await at.browser().get("/auth/github/start")).location)
        assert (asked["scope"], asked["code_challenge_method"]) == (scope, "S256")
        assert "nonce" not in asked


BAD_TABLES: dict[str, dict[str, Any]] = {
    "everybody of Google": {"kind": "google", "join": True},
    "everybody of GitHub": {"kind": "github", "join": True},
    "nobody of Microsoft": {"kind": "microsoft"},
    "a tenant by name": {"kind": "microsoft", "tenants": ["acme.onmicrosoft.com"]},
    "domains of Microsoft": {"kind": "microsoft", "tenants": [TENANT], "domains": ["acme.example"]},
    "tenants of Google": {"kind": "google", "tenants": [TENANT]},
    "organizations of Google": {"kind": "google", "organizations": ["acme"]},
    "owners": {**GOOGLE, "role": "owner"},
    "an id that is no part of a URL": {**GOOGLE, "id": "../x"},
    "no secret": {"kind": "google", "client_secret_env": ""},
    "a secret that is not set": {"kind": "google", "client_secret_env": "NOT_SET"},
    "a secret in the settings": {"kind": "google", "client_secret": "canary"},
    "a kind that does not exist": {"kind": "facebook"},
    "a url that is none": {"kind": "oidc", "url": "idp.example"},
}


@pytest.mark.parametrize("table", BAD_TABLES.values(), ids=BAD_TABLES)
def test_doubtful_settings_are_refused(table: dict[str, Any]):
    with pytest.raises(InvalidSettings) as refusal:
        site.provider(**table).secret.reveal()
    assert "canary" not in refusal.value.message + refusal.value.hint


def test_the_secret_of_a_provider_shows_nowhere():
    made = site.provider(kind="google")
    assert "canary" not in repr(made) + str(made)
    assert made.secret.reveal() == "canary-client-secret"
