"""Stored connections: whose they are, and that their secrets are safe."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.safes import safe_of
from tests.support import canary
from trunkline.connections.safe import Safe
from trunkline.connections.store import CACHE_SECONDS, StoredConnections
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Internal,
    InvalidArguments,
    KeyPlace,
    NeedsConnection,
    NotFound,
    Principal,
    Service,
    Variable,
)
from trunkline.infra.tables import connections as table
from trunkline.infra.tables import metadata

ANN = Principal("ann", "acme")
BOB = Principal("bob", "acme")
EVE = Principal("ann", "other")  # the same subject in another organization
CANARY = "canary-secret-value"
GITHUB = Service(
    "github", "GitHub", "", "code", "https://api.github.com", ("api.github.com",), auth=(AuthScheme(AuthKind.BEARER),)
)
PASSWORD = Service(
    "db", "Database", "", "data", "https://x.example", ("x.example",), auth=(AuthScheme(AuthKind.BASIC),)
)
SHOP = Service(
    "shop",
    "Shop",
    "",
    "payment",
    "https://{shop}.example",
    ("{shop}.example",),
    auth=(
        AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("key", "header", "X-Key"), KeyPlace("token", "query", "token"))),
        AuthScheme(AuthKind.BASIC),
    ),
    variables={"shop": Variable("[a-z]+"), "zone": Variable(default="eu", enum=("eu", "us"))},
)


@pytest.fixture
async def safe(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Safe]:
    made = safe_of(engine, tmp_path)
    yield made
    await made.keys.close()


@pytest.fixture
def store(engine: AsyncEngine, safe: Safe) -> StoredConnections:
    return StoredConnections(engine, safe)


async def test_a_saved_credential_comes_back_to_its_owner(store: StoredConnections) -> None:
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    assert await store.find(ANN, GITHUB) == ref
    credential = await store.credential(ref)
    assert credential.values == {"token": CANARY}
    assert credential.scheme == GITHUB.auth[0]
    assert await store.connected(ANN) == {"github"}


async def test_nobody_else_sees_a_personal_connection(store: StoredConnections) -> None:
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    for other in (BOB, EVE):
        assert await store.find(other, GITHUB) is None
        assert await store.connected(other) == frozenset()
        assert await store.list(other) == ()
        with pytest.raises(NotFound):
            await store.delete(other, ref.id)
    assert await store.find(ANN, GITHUB) == ref


async def test_a_shared_connection_serves_the_organization_and_a_personal_one_comes_first(
    store: StoredConnections,
) -> None:
    shared = await store.save(ANN, GITHUB, {"token": "shared"}, shared=True)
    assert shared.shared
    assert await store.find(BOB, GITHUB) == shared
    assert await store.find(EVE, GITHUB) is None
    own = await store.save(BOB, GITHUB, {"token": "own"})
    assert await store.find(BOB, GITHUB) == own
    assert await store.find(ANN, GITHUB) == shared


async def test_saving_again_replaces_the_secret_and_raises_the_version(store: StoredConnections) -> None:
    first = await store.save(ANN, GITHUB, {"token": "old"})
    second = await store.save(ANN, GITHUB, {"token": "new"})
    assert (second.id, second.version) == (first.id, 2)
    assert (await store.credential(second)).values == {"token": "new"}
    with pytest.raises(NeedsConnection):
        await store.credential(first)


async def test_a_deleted_connection_is_gone_at_once(store: StoredConnections) -> None:
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    await store.credential(ref)
    await store.delete(ANN, ref.id)
    assert await store.find(ANN, GITHUB) is None
    with pytest.raises(NeedsConnection):
        await store.credential(ref)


async def test_a_change_made_by_another_process_shows_after_a_moment(engine: AsyncEngine, safe: Safe) -> None:
    times = [1000.0]
    ours = StoredConnections(engine, safe, now=lambda: times[0])
    theirs = StoredConnections(engine, safe)
    assert await ours.find(ANN, GITHUB) is None
    ref = await theirs.save(ANN, GITHUB, {"token": CANARY})
    times[0] += CACHE_SECONDS
    assert await ours.find(ANN, GITHUB) == ref


async def test_the_list_holds_no_secret(store: StoredConnections) -> None:
    await store.save(ANN, GITHUB, {"token": CANARY})
    (listed,) = await store.list(ANN)
    assert (listed.service, listed.kind, listed.shared) == ("github", "bearer", False)
    assert CANARY not in repr(listed)


async def test_a_dump_of_the_database_holds_no_secret_in_any_form(database: AsyncEngine, tmp_path: Path) -> None:
    safe = safe_of(database, tmp_path)
    await StoredConnections(database, safe).save(ANN, PASSWORD, {"username": "ann", "password": canary.SECRET})
    await safe.keys.close()
    async with database.connect() as connection:
        rows = [row for each in metadata.tables.values() for row in await connection.execute(select(each))]
    values = [value for row in rows for value in row]
    assert len(rows) == 2
    texts = [value if isinstance(value, bytes) else str(value).encode() for value in values]
    assert not any(canary.seen_in(text) or canary.seen_in(text.hex().encode()) for text in texts)
    await database.dispose()
    assert canary.files_with(tmp_path) == []


async def test_a_ciphertext_swapped_into_another_row_does_not_open(
    engine: AsyncEngine, store: StoredConnections
) -> None:
    mine = await store.save(ANN, GITHUB, {"token": "mine"})
    yours = await store.save(BOB, GITHUB, {"token": "yours"})
    async with engine.begin() as connection:
        sealed = (await connection.execute(select(table.c.sealed).where(table.c.id == yours.id))).scalar_one()
        await connection.execute(update(table).where(table.c.id == mine.id).values(sealed=sealed))
    with pytest.raises(Internal, match="changed or moved"):
        await store.credential(mine)


async def test_the_values_given_choose_the_auth_scheme(store: StoredConnections) -> None:
    ref = await store.save(ANN, SHOP, {"username": "u", "password": ""}, variables={"shop": "acme"})
    assert (await store.credential(ref)).scheme.kind is AuthKind.BASIC
    assert await store.variables(ref) == {"shop": "acme", "zone": "eu"}
    with pytest.raises(InvalidArguments) as refused:
        await store.save(ANN, SHOP, {"token": "t"}, variables={"shop": "acme"})
    assert "key, token; or username, password" in refused.value.hint


@pytest.mark.parametrize("shop", ["", "a.evil.example/", "ACME", "acme\n", "a b"])
async def test_a_tenant_variable_must_fit_its_pattern(store: StoredConnections, shop: str) -> None:
    with pytest.raises(InvalidArguments, match="shop"):
        await store.save(ANN, SHOP, {"username": "u", "password": "p"}, variables={"shop": shop})


async def test_a_connection_says_the_variables_of_its_own_way_to_sign_in(store: StoredConnections) -> None:
    ways = (AuthScheme(AuthKind.BASIC), AuthScheme(AuthKind.BEARER, base_url="https://api.example/{cloud}"))
    variables = {"site": Variable(example="acme"), "cloud": Variable()}
    jira = msgspec.structs.replace(SHOP, base_url="https://{site}.example", auth=ways, variables=variables)
    ref = await store.save(ANN, jira, {"token": "t"}, variables={"cloud": "c1"})
    assert await store.variables(ref) == {"cloud": "c1"}
    with pytest.raises(InvalidArguments, match="site"):
        await store.save(ANN, jira, {"username": "u", "password": "p"}, variables={"cloud": "c1"})


@pytest.mark.parametrize("token", ["a\r\nX-Admin: 1", "", "  ", "caf\u00e9", "a\x00b", "x" * 10_000])
async def test_a_secret_that_cannot_be_sent_is_refused_without_showing_it(store: StoredConnections, token: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        await store.save(ANN, GITHUB, {"token": token})
    assert "X-Admin" not in refused.value.message + refused.value.hint


async def test_blanks_around_a_pasted_secret_are_dropped(store: StoredConnections) -> None:
    ref = await store.save(ANN, GITHUB, {"token": f" {CANARY}\n"})
    assert (await store.credential(ref)).values == {"token": CANARY}


def aws(id: str) -> Service:
    auth = (AuthScheme(AuthKind.SIGV4), AuthScheme(AuthKind.SIGV4_SESSION))
    return Service(id, id, "", "cloud", "https://x.example", ("x.example",), auth=auth, family="aws")


async def test_one_connection_serves_a_family(store: StoredConnections) -> None:
    key = {"access_key_id": "AKID", "secret_access_key": CANARY}
    await store.save(ANN, aws("aws-s3"), key)
    ref = await store.find(ANN, aws("aws-sqs"))
    assert ref is not None
    assert (await store.credential(ref)).values == key
    assert await store.connected(ANN) == {"aws"}


async def test_a_temporary_key_takes_the_place_of_a_long_lived_one(store: StoredConnections) -> None:
    key = {"access_key_id": "AKID", "secret_access_key": CANARY}
    await store.save(ANN, aws("aws-s3"), key)
    ref = await store.save(ANN, aws("aws-sqs"), {**key, "session_token": "t"})
    assert ref.version == 2
    assert (await store.credential(ref)).scheme.kind is AuthKind.SIGV4_SESSION
