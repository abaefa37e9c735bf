"""API keys: never wider than whoever made them, and refused within two seconds of being revoked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.identity.people import town
from trunkline.contract import InvalidArguments, NotFound, PolicyDenied, Unauthenticated
from trunkline.identity import Authenticator
from trunkline.identity.api_keys import Wanted, split_toolsets
from trunkline.identity.ports import SignedIn
from trunkline.infra import settings
from trunkline.infra.database import prepare
from trunkline.infra.log import redact_text
from trunkline.infra.tables import api_keys
from trunkline.programs.database import Database
from trunkline.programs.people import KEY_SECONDS, People
from trunkline.programs.settings import load

ME = SignedIn("owner", "Owner", "local", "owner", "", "")


async def test_a_key_stands_for_its_user_as_they_are_now(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    keys, members = at.world.identity.keys, at.world.identity.members
    member, owner = await at.who(acme["member"]), await at.who(acme["owner"])
    key = await keys.create(member, Wanted("ci"))
    good = await keys.good(key)
    assert good is not None
    assert (good.principal.subject, good.principal.organization, good.read_only) == (
        member.user, member.organization, False,
    )  # fmt: skip
    await members.set_role(owner, member.user, "viewer")
    demoted = await keys.good(key)
    assert demoted is not None
    assert demoted.read_only
    await members.set_disabled(owner, member.user, True)
    assert await keys.good(key) is None
    await members.set_disabled(owner, member.user, False)
    assert await keys.good(key) is not None
    await members.remove(owner, member.user)
    assert await keys.good(key) is None


async def test_g05_a_key_is_never_wider_than_its_maker(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    keys, members = at.world.identity.keys, at.world.identity.members
    owner, admin, member = [await at.who(acme[role]) for role in ("owner", "admin", "member")]
    viewer = await at.who(acme["viewer"])
    made = await keys.good(await keys.create(viewer, Wanted("x", read_only=False)))
    assert made is not None
    assert made.read_only
    mighty = await members.add_service(owner, "mighty", "owner")
    with pytest.raises(PolicyDenied):
        await keys.create(admin, Wanted("x", user=mighty))
    with pytest.raises(PolicyDenied):
        await keys.create(member, Wanted("x", user=mighty))
    with pytest.raises(PolicyDenied):
        await keys.create(owner, Wanted("x", user=member.user))
    with pytest.raises(NotFound):
        await keys.create(owner, Wanted("x", user="nobody"))


async def test_a_member_sees_their_own_keys_and_an_admin_all_of_the_organization(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    keys = at.world.identity.keys
    admin, member = await at.who(acme["admin"]), await at.who(acme["member"])
    key = await keys.create(member, Wanted("mine"))
    await keys.create(admin, Wanted("other"))
    assert [one.name for one in await keys.list(member)] == ["mine"]
    assert [one.name for one in await keys.list(admin)] == ["mine", "other"]
    (of_admin,) = [one for one in await keys.list(admin) if one.name == "other"]
    with pytest.raises(NotFound):
        await keys.revoke(member, of_admin.id)
    await keys.revoke(admin, (await keys.list(member))[0].id)
    assert await keys.good(key) is None


async def test_a_key_expires_and_is_not_in_the_database(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    keys, member = at.world.identity.keys, await at.who(acme["member"])
    key = await keys.create(member, Wanted("ci", days=1))
    forever = await keys.create(member, Wanted("ci", days=0))
    async with engine.connect() as connection:
        rows = str((await connection.execute(api_keys.select())).all())
    assert key not in rows
    assert key[20:] not in rows
    at.world.clock.at += 24 * 3600
    assert await keys.good(key) is None
    assert await keys.good(forever) is not None


async def test_a_key_is_shown_once_and_then_by_its_first_characters(engine: AsyncEngine):
    at = await town(engine)
    acme = await at.organization("acme")
    browser = acme["member"]
    page = await browser.submit(await browser.get("/account"), "/account/keys", name="ci", toolsets="github", days="9")
    key = page.text.partition("<pre>")[2].partition("</pre>")[0]
    assert await at.world.identity.keys.good(key) is not None
    again = (await browser.get("/account")).text
    assert key not in again
    assert key[:13] in again
    assert key not in str(await at.world.identity.events.list((await at.who(browser)).organization))
    assert key not in redact_text(f"refused {key} today")


@pytest.mark.parametrize("wanted", [Wanted(""), Wanted("x", days=-1), Wanted("x", days=4000), Wanted("x", ("a/b",))])
async def test_a_key_that_cannot_be_is_refused(engine: AsyncEngine, wanted: Wanted):
    at = await town(engine)
    await at.world.owner()
    with pytest.raises(InvalidArguments):
        await at.world.identity.keys.create(ME, wanted)


@pytest.mark.parametrize("key", ["", "tl_key_", "tl_key_" + "x" * 43, "tl_key_" + "'" * 43, "x" * 4096])
async def test_what_is_no_key_is_nobodys(engine: AsyncEngine, key: str):
    at = await town(engine)
    assert await at.world.identity.keys.good(key) is None


def test_toolsets_are_split_as_people_type_them():
    assert split_toolsets(" github, slack github ") == ("github", "slack")


@asynccontextmanager
async def people(folder: Path, now: list[float]) -> AsyncGenerator[People]:
    made = load(settings.sources({}, {"TRUNKLINE_DATA_DIR": str(folder)}))
    prepare(made.data.create().database)
    database = Database(made.data.database)
    opened = People(made, database, lambda: now[0])
    try:
        yield opened
    finally:
        await opened.close()
        await database.close()


async def test_a_revoked_key_is_refused_within_two_seconds(tmp_path: Path):
    now = [0.0]
    async with people(tmp_path, now) as at:
        keys = (await at.identity()).keys
        header = f"Bearer {await keys.create(ME, Wanted('ci'))}".encode()
        front = Authenticator(b"m" * 32, [at], lambda: now[0])
        assert (await front.admit(header)).principal.subject == "owner"
        await keys.revoke(ME, (await keys.list(ME))[0].id)
        now[0] += KEY_SECONDS
        for _ in range(3):
            with pytest.raises(Unauthenticated):
                await front.admit(header)
        assert KEY_SECONDS <= 2
        (event,) = await (await at.identity()).events.list("local")
        assert (event.act, event.outcome, event.actor) == ("key.use", "refused", "owner")


async def test_a_key_of_toolsets_is_good_at_their_urls_and_nowhere_else(tmp_path: Path):
    async with people(tmp_path, [0.0]) as at:
        key = await (await at.identity()).keys.create(ME, Wanted("ci", ("github", "dev"), read_only=True))
        front = Authenticator(b"m" * 32, [at], lambda: 0.0)
        for path in ("/mcp/t/github", "/mcp/t/dev", "/mcp/t/github"):
            admitted = await front.admit(f"Bearer {key}".encode(), b"localhost", path)
            assert admitted.reading
        for path in ("/mcp", "/mcp/t/slack", "/mcp/t/", "/mcp/t/githubx"):
            with pytest.raises(Unauthenticated):
                await front.admit(f"Bearer {key}".encode(), b"localhost", path)


async def test_b03_a_token_of_a_provider_is_not_a_key(tmp_path: Path):
    async with people(tmp_path, [0.0]) as at:
        front = Authenticator(b"m" * 32, [at])
        for token in ("ya29." + "x" * 60, "gho_" + "x" * 36, "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.x"):
            with pytest.raises(Unauthenticated):
                await front.admit(f"Bearer {token}".encode())
