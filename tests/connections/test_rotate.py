"""Rotation: every data key is wrapped anew, every secret sealed anew, and whatever interrupts it, nothing is lost."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.connections.safes import MASTER, providers_of, ring_of, safe_of
from tests.connections.stand_in import StandIn
from tests.connections.test_store import ANN, CANARY, EVE, GITHUB
from trunkline.connections.envelope import DataKey, Place
from trunkline.connections.keys.providers import Providers
from trunkline.connections.keys.rotate import Rotation
from trunkline.connections.keys.status import status_of
from trunkline.connections.safe import Safe
from trunkline.connections.store import StoredConnections
from trunkline.contract import ConnectionRef, KeysUnavailable, Principal
from trunkline.infra.keyfile import derive
from trunkline.infra.tables import connections, data_keys

pytestmark = pytest.mark.xdist_group("postgresql")  # one server for all

PEOPLE = [Principal(f"user-{number}", "acme") for number in range(12)]


class Killed(Exception):
    """The process ended here."""


class Killing:
    """A progress that kills the rotation at a count."""

    def __init__(self, at: int) -> None:
        self._at = at

    def __call__(self, what: str, count: int) -> None:
        if count >= self._at:
            raise Killed


def quietly(_what: str, _count: int) -> None:
    pass


@pytest.fixture
def vault() -> StandIn:
    return StandIn("vault")


@pytest.fixture
def providers(tmp_path: Path, vault: StandIn) -> Providers:
    return providers_of(tmp_path, vault=vault)


@pytest.fixture
async def safe(database: AsyncEngine, providers: Providers, tmp_path: Path) -> AsyncIterator[Safe]:
    made = safe_of(database, tmp_path, providers)
    yield made
    await made.keys.close()


@pytest.fixture
def store(database: AsyncEngine, safe: Safe) -> StoredConnections:
    return StoredConnections(database, safe)


@pytest.fixture
def rotation(database: AsyncEngine, safe: Safe, providers: Providers) -> Rotation:
    return Rotation(database, safe, providers, quietly)


async def token_of(store: StoredConnections, ref: ConnectionRef) -> str:
    return (await store.credential(ref)).values["token"]


async def key_ids(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set((await connection.execute(select(data_keys.c.key_id))).scalars())


async def key_versions(engine: AsyncEngine) -> list[int]:
    async with engine.connect() as connection:
        return sorted((await connection.execute(select(connections.c.key_version))).scalars())


async def afresh(engine: AsyncEngine, tmp_path: Path, providers: Providers, *refs: ConnectionRef) -> list[str]:
    """What a process that has just started reads."""
    safe = safe_of(engine, tmp_path, providers)
    try:
        return [await token_of(StoredConnections(engine, safe), ref) for ref in refs]
    finally:
        await safe.keys.close()


async def test_a_rotation_wraps_every_data_key_by_a_new_key_and_forgets_the_old_one(
    database: AsyncEngine, store: StoredConnections, rotation: Rotation, providers: Providers, tmp_path: Path
) -> None:
    refs = [await store.save(each, GITHUB, {"token": CANARY}) for each in (ANN, EVE)]
    (old,) = ring_of(tmp_path).keys()
    assert await rotation.rewrap() == 2
    (new,) = ring_of(tmp_path).keys()
    assert new != old
    assert await key_ids(database) == {f"file:{new}"}
    assert await afresh(database, tmp_path, providers, *refs) == [CANARY, CANARY]


async def test_a_rotation_that_was_killed_goes_on_with_the_key_it_had_made(
    database: AsyncEngine, store: StoredConnections, safe: Safe, providers: Providers, tmp_path: Path
) -> None:
    people = [Principal("ann", f"organization-{number}") for number in range(6)]
    refs = [await store.save(each, GITHUB, {"token": CANARY}) for each in people]
    with pytest.raises(Killed):
        await Rotation(database, safe, providers, Killing(1)).rewrap()
    old, new = ring_of(tmp_path).keys()
    assert await key_ids(database) == {f"file:{old}", f"file:{new}"}
    assert await afresh(database, tmp_path, providers, *refs) == [CANARY] * 6
    await Rotation(database, safe, providers, quietly).rewrap()
    assert await key_ids(database) == {f"file:{new}"}
    assert list(ring_of(tmp_path).keys()) == [new]
    assert old != new
    assert await afresh(database, tmp_path, providers, *refs) == [CANARY] * 6


async def test_a_rotation_to_another_provider_moves_every_data_key_there(
    database: AsyncEngine,
    store: StoredConnections,
    safe: Safe,
    providers: Providers,
    vault: StandIn,
    tmp_path: Path,
) -> None:
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    assert await Rotation(database, safe, providers.led_by("vault"), quietly).rewrap() == 1
    assert await key_ids(database) == {"vault:1"}
    assert await afresh(database, tmp_path, providers, ref) == [CANARY]
    vault.down = "it is sealed"
    with pytest.raises(KeysUnavailable, match="it is sealed"):
        await afresh(database, tmp_path, providers, ref)


async def test_a_provider_that_is_not_there_is_refused_before_anything_is_changed(
    database: AsyncEngine, store: StoredConnections, safe: Safe, providers: Providers
) -> None:
    await store.save(ANN, GITHUB, {"token": CANARY})
    before = await key_ids(database)
    with pytest.raises(KeysUnavailable, match="no key provider 'hsm'"):
        await Rotation(database, safe, providers.led_by("hsm"), quietly).rewrap()
    assert await key_ids(database) == before


async def test_new_data_keys_seal_everything_anew_and_the_old_ones_are_removed(
    database: AsyncEngine, store: StoredConnections, rotation: Rotation, providers: Providers, tmp_path: Path
) -> None:
    refs = [await store.save(each, GITHUB, {"token": f"{CANARY}-{each.subject}"}) for each in (*PEOPLE, EVE)]
    done = await rotation.reseal(fresh=True)
    assert (done.made, done.removed, done.sealed, done.broken) == (2, 2, 13, ())
    assert set(await key_versions(database)) == {2}
    expected = [f"{CANARY}-{each.subject}" for each in (*PEOPLE, EVE)]
    assert await afresh(database, tmp_path, providers, *refs) == expected
    assert [await token_of(store, ref) for ref in refs] == expected  # whoever remembers the old rows finds the new ones
    found = await status_of(database, providers)
    assert (found.newest, found.older, list(found.wrapped.values())) == (13, 0, [2])


async def test_sealing_anew_that_was_killed_goes_on_where_it_was(
    database: AsyncEngine, store: StoredConnections, safe: Safe, providers: Providers, tmp_path: Path
) -> None:
    refs = [await store.save(each, GITHUB, {"token": CANARY}) for each in PEOPLE]
    with pytest.raises(Killed):
        await Rotation(database, safe, providers, Killing(5)).reseal(fresh=True)
    assert await key_versions(database) == [1] * 7 + [2] * 5
    assert await afresh(database, tmp_path, providers, *refs) == [CANARY] * 12
    late = await store.save(EVE, GITHUB, {"token": "late"})
    done = await Rotation(database, safe, providers, quietly).reseal(fresh=True)
    assert done.sealed == 7 + 1  # and one whose organization had nothing under way
    assert await afresh(database, tmp_path, providers, *refs, late) == [*[CANARY] * 12, "late"]


async def test_a_process_that_remembers_a_row_reads_it_again_when_its_data_key_is_gone(
    database: AsyncEngine, store: StoredConnections, rotation: Rotation, providers: Providers, tmp_path: Path
) -> None:
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    other = safe_of(database, tmp_path, providers, seconds=0)
    remembering = StoredConnections(database, other, now=lambda: 1000.0)
    assert await token_of(remembering, ref) == CANARY
    await rotation.reseal(fresh=True)
    assert await token_of(remembering, ref) == CANARY
    await other.keys.close()


async def test_what_is_saved_while_data_keys_change_is_sealed_by_the_newest(
    database: AsyncEngine, safe: Safe, store: StoredConnections
) -> None:
    await store.save(ANN, GITHUB, {"token": "old"})
    seen: list[int] = []
    place = Place("acme", "connections", "made up", 1)

    async def write(connection: AsyncConnection, key: DataKey) -> bytes:
        seen.append(key.version)
        if len(seen) == 1:
            await safe.keys.mint("acme", 2)
        await connection.execute(update(connections).values(variables=f'{{"try": "{len(seen)}"}}'))
        return key.seal(place, {"token": CANARY})

    sealed = await safe.write("acme", write)
    assert seen == [1, 2]
    assert await safe.open(place, 2, sealed) == {"token": CANARY}


async def test_a_row_that_was_tampered_with_is_reported_and_left_and_hinders_no_other(
    database: AsyncEngine, store: StoredConnections, rotation: Rotation, providers: Providers, tmp_path: Path
) -> None:
    refs = [await store.save(each, GITHUB, {"token": CANARY}) for each in PEOPLE[:3]]
    async with database.begin() as connection:
        await connection.execute(update(connections).where(connections.c.id == refs[1].id).values(sealed=b"\x02no"))
    done = await rotation.reseal(fresh=True)
    assert (done.sealed, done.broken, done.removed) == (2, (refs[1].id,), 0)
    assert await afresh(database, tmp_path, providers, refs[0], refs[2]) == [CANARY, CANARY]


async def test_a_rotation_without_its_key_changes_nothing_and_says_which_is_missing(
    database: AsyncEngine, store: StoredConnections, safe: Safe, providers: Providers, vault: StandIn
) -> None:
    await store.save(ANN, GITHUB, {"token": CANARY})
    to_vault = Rotation(database, safe, providers.led_by("vault"), quietly)
    await to_vault.rewrap()
    vault.number = vault.oldest = 5
    with pytest.raises(KeysUnavailable, match="vault:1 is missing"):
        await to_vault.rewrap()
    assert await key_ids(database) == {"vault:1"}


async def test_rows_from_before_there_were_data_keys_open_and_are_sealed_anew(
    database: AsyncEngine, store: StoredConnections, rotation: Rotation, providers: Providers, tmp_path: Path
) -> None:
    ref = await store.save(ANN, GITHUB, {"token": "to be replaced"})
    former = formerly_sealed(ANN.organization, ref.id, {"token": CANARY})
    async with database.begin() as connection:
        await connection.execute(update(connections).values(sealed=former, key_version=0))
    assert await afresh(database, tmp_path, providers, ref) == [CANARY]
    assert (await rotation.reseal(fresh=False)).sealed == 1
    assert await key_versions(database) == [1]
    assert await afresh(database, tmp_path, providers, ref) == [CANARY]


def formerly_sealed(organization: str, connection: str, values: dict[str, str]) -> bytes:
    """As version 0.1.0 did it, written down here once more."""
    secret = derive(MASTER, "connections v1")
    digest = hashlib.sha256(b"connections key id" + secret).hexdigest()[:16]
    data_key = os.urandom(32)

    def close(key: bytes, field: str, content: bytes) -> bytes:
        nonce = os.urandom(12)
        bound = msgspec.msgpack.encode((organization, connection, field, digest))
        return nonce + AESGCM(key).encrypt(nonce, content, bound)

    fields = {name: close(data_key, name, value.encode()) for name, value in values.items()}
    return msgspec.msgpack.encode((close(secret, "", data_key), fields))
