"""What may happen once happens once, over both databases and from several gateways."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.identity.oauth.clients import Metadata
from trunkline.identity.oauth.faults import OAuthFault
from trunkline.identity.oauth.grants import GRACE_SECONDS, Code, Grant, Grants, Reused
from trunkline.identity.oauth.registry import Registry

KEY = b"k" * 32


class Clock:
    at = 1e9

    def now(self) -> float:
        return self.at


def grant(id: str) -> Grant:
    return Grant(
        id, "tl-1", "Tester", "ada", "acme", "Ada", "s1", "mcp", "https://gw.example/mcp", "https://gw.example"
    )


async def begun(grants: Grants, id: str = "g1") -> str:
    """The first refresh token of a grant."""
    code = Code(grant(id), "https://app.example/callback", "c" * 43)
    return await grants.redeem(await grants.issue(code), code)


async def test_a_code_is_redeemed_by_one_gateway(engine: AsyncEngine) -> None:
    gateways = [Grants(engine, KEY, Clock().now) for _ in range(4)]
    code = Code(grant("g1"), "https://app.example/callback", "c" * 43)
    secret = await gateways[0].issue(code)
    assert await gateways[1].peek(secret) == code
    results = await asyncio.gather(*(each.redeem(secret, code) for each in gateways), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, Reused) for result in results) == 3


async def test_gateways_that_rotate_one_token_at_once_give_the_same_successor(engine: AsyncEngine) -> None:
    """B24."""
    gateways = [Grants(engine, KEY, Clock().now) for _ in range(5)]
    token = await begun(gateways[0])
    successors = await asyncio.gather(*(each.rotate(token, grant("g1")) for each in gateways))
    assert len(set(successors)) == 1
    assert successors[0] != token
    assert await gateways[0].rotate(successors[0], grant("g1")) not in (token, successors[0])


async def test_after_the_grace_a_rotated_token_is_reused(engine: AsyncEngine) -> None:
    """B25."""
    clock = Clock()
    grants = Grants(engine, KEY, clock.now)
    token = await begun(grants)
    await grants.rotate(token, grant("g1"))
    clock.at += GRACE_SECONDS
    with pytest.raises(Reused):
        await grants.rotate(token, grant("g1"))
    assert await grants.end("reused", id="g1") == 1
    assert await grants.living("g1") is None
    with pytest.raises(OAuthFault):
        await grants.rotate(token, grant("g1"))


async def test_no_code_token_or_secret_lies_in_the_database(engine: AsyncEngine) -> None:
    """D03."""
    grants, registry = Grants(engine, KEY, Clock().now), Registry(engine, Clock().now)
    made = await registry.register(Metadata(["https://app.example/c"], token_endpoint_auth_method="client_secret_post"))
    code = Code(grant("g1"), "https://app.example/callback", "c" * 43)
    secret = await grants.issue(code)
    first = await grants.redeem(secret, code)
    second = await grants.rotate(first, grant("g1"))
    dump = ""
    async with engine.connect() as connection:
        for table in ("oauth_clients", "oauth_codes", "oauth_grants", "oauth_refresh_tokens"):
            dump += str((await connection.execute(text(f"SELECT * FROM {table}"))).all())  # noqa: S608 - our own names
    assert "g1" in dump
    for each in (made.secret, secret, first, second):
        assert each
        assert each not in dump


async def test_what_ended_long_ago_is_forgotten_and_the_living_stays(engine: AsyncEngine) -> None:
    clock = Clock()
    grants = Grants(engine, KEY, clock.now)
    await begun(grants, "old")
    await grants.end("revoked", id="old")
    clock.at += 8 * 86_400
    token = await begun(grants, "new")
    await grants.clean()
    assert await grants.living("new") == grant("new")
    assert await grants.rotate(token, grant("new"))
    async with engine.connect() as connection:
        left = (await connection.execute(text("SELECT id FROM oauth_grants"))).scalars().all()
    assert left == ["new"]


async def test_a_consent_is_remembered_and_taken_back(engine: AsyncEngine) -> None:
    registry = Registry(engine, Clock().now)
    where = ("ada", "tl-1", "app.example", "https://gw.example/mcp")
    for scope in ("mcp:read", "mcp mcp:read"):
        await registry.remember(*where, scope)
        assert await registry.consented(*where, scope)
    assert not await registry.consented("bob", *where[1:], "mcp")
    await registry.forget("ada", "tl-1")
    assert not await registry.consented(*where, "mcp")
