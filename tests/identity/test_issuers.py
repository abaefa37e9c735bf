"""Which providers vouch for users, by which keys, and whom they know."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity import site
from tests.identity.people import ISSUER, Town
from tests.identity.signin.providers import OpenIdFake
from tests.identity.site import START
from trunkline.contract import InvalidSettings
from trunkline.identity.oauth.assertions import Known


async def trusting(engine: AsyncEngine, *, assertions: bool) -> Town:
    idp = OpenIdFake(ISSUER, START)
    provider = site.provider(kind="oidc", id="idp", url=ISSUER, join=True, assertions=assertions)
    return Town(await site.opened(engine, idp, (provider,)), idp)


async def test_only_a_provider_that_the_settings_say_so_of_is_trusted(engine: AsyncEngine) -> None:
    assert (await trusting(engine, assertions=False)).world.identity.issuers.trusted == frozenset()
    assert (await trusting(engine, assertions=True)).world.identity.issuers.trusted == {ISSUER}


async def test_a_user_is_known_who_has_signed_in_and_is_not_disabled(engine: AsyncEngine) -> None:
    at = await trusting(engine, assertions=True)
    issuers = at.world.identity.issuers
    assert await issuers.known(ISSUER, "ada") is None
    ada = await at.who(await at.sign_in("ada"))
    assert await issuers.known(ISSUER, "ada") == Known(ada.user, "local", "Ada")
    assert await issuers.known("https://evil.example", "ada") is None
    owner = (await at.world.owner())[0]
    await at.world.identity.members.set_disabled(await at.who(owner), ada.user, disabled=True)
    assert await issuers.known(ISSUER, "ada") is None


async def test_keys_are_those_that_the_issuer_publishes(engine: AsyncEngine) -> None:
    keys, algorithms = await (await trusting(engine, assertions=True)).world.identity.issuers.keys(ISSUER, "k1")
    assert [key.kid for key in keys.keys] == ["k1"]
    assert "RS256" in algorithms


def test_only_an_openid_provider_vouches() -> None:
    with pytest.raises(InvalidSettings):
        site.provider(kind="github", assertions=True)
