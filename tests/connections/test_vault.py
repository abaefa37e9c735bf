"""Data keys wrapped by a real OpenBao, whose API is Vault's; HashiCorp's own Vault is in no package index."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.connections.safes import providers_of, safe_of
from tests.connections.test_store import ANN, CANARY, EVE, GITHUB
from tests.support.bao import Bao, bao
from trunkline.connections.keys import Binding, KeyProvider, Wrapped
from trunkline.connections.keys.rotate import Rotation
from trunkline.connections.keys.vault import VaultKeys, VaultSettings
from trunkline.connections.store import StoredConnections
from trunkline.contract import Internal, KeysUnavailable

pytestmark = pytest.mark.xdist_group("openbao")  # one server for all

SECRET = bytes(range(32))
BINDING = Binding("acme", 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Bao]:
    with bao(tmp_path_factory.mktemp("openbao")) as running:
        yield running


@pytest.fixture(autouse=True)
def as_it_was(server: Bao) -> Generator[None]:
    yield
    server.unseal()
    server.allow()


def settings_of(server: Bao, **changes: str) -> VaultSettings:
    made = VaultSettings(server.address, role_id=server.role_id, secret_id_file=str(server.secret_id_file))
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def keys(server: Bao) -> VaultKeys:
    return VaultKeys(settings_of(server))


@pytest.fixture
async def remote(
    engine: AsyncEngine, keys: KeyProvider, tmp_path: Path
) -> AsyncIterator[tuple[StoredConnections, Rotation]]:
    """A store that keeps no data key in memory: each call asks OpenBao."""
    providers = providers_of(tmp_path, vault=keys).led_by("vault")
    safe = safe_of(engine, tmp_path, providers, seconds=0)
    yield StoredConnections(engine, safe), Rotation(engine, safe, providers, lambda _what, _count: None)
    await safe.keys.close()


async def test_a_data_key_comes_back_as_it_was_and_its_id_names_key_and_version(keys: VaultKeys) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    assert wrapped.key_id.startswith("vault:transit/trunkline:")
    assert SECRET not in wrapped.data
    assert await keys.unwrap(wrapped, BINDING) == SECRET


@pytest.mark.parametrize("other", [Binding("other", 1), Binding("acme", 2)])
async def test_a_wrapped_key_of_another_organization_or_version_is_refused(keys: VaultKeys, other: Binding) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    with pytest.raises(Internal, match="changed or moved"):
        await keys.unwrap(wrapped, other)


async def test_a_wrapped_key_that_was_changed_is_refused(keys: VaultKeys) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    data = wrapped.data[:-6] + (b"AAAAA=" if not wrapped.data.endswith(b"AAAAA=") else b"BBBBB=")
    with pytest.raises((Internal, KeysUnavailable)):
        await keys.unwrap(Wrapped(wrapped.key_id, data), BINDING)


async def test_while_it_is_sealed_calls_fail_with_503_and_the_reason_and_recover_by_themselves(
    server: Bao, remote: tuple[StoredConnections, Rotation]
) -> None:
    store, _ = remote
    ref = await store.save(ANN, GITHUB, {"token": CANARY})
    server.seal()
    for _ in range(3):
        with pytest.raises(KeysUnavailable, match=r"503.*Vault is sealed") as refused:
            await store.credential(ref)
        assert CANARY not in refused.value.message + refused.value.hint
    with pytest.raises(KeysUnavailable):
        await store.save(EVE, GITHUB, {"token": CANARY})
    server.unseal()
    assert (await store.credential(ref)).values == {"token": CANARY}


async def test_what_the_policy_forbids_fails_closed_until_it_is_allowed_again(server: Bao, keys: VaultKeys) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    server.allow('path "elsewhere" { capabilities = ["read"] }')
    with pytest.raises(KeysUnavailable, match="403"):
        await keys.unwrap(wrapped, BINDING)
    server.allow()
    assert await keys.unwrap(wrapped, BINDING) == SECRET


async def test_a_token_that_was_revoked_is_replaced_by_signing_in_again(server: Bao, keys: VaultKeys) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    for accessor in server.root.list("auth/token/accessors")["data"]["keys"]:
        if "trunkline" in server.root.auth.token.lookup_accessor(accessor)["data"]["policies"]:
            server.root.auth.token.revoke_accessor(accessor)
    assert await keys.unwrap(wrapped, BINDING) == SECRET


async def test_a_token_file_is_read_again_when_its_token_is_refused(server: Bao, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s.madeup-canary-token\n")
    keys = VaultKeys(settings_of(server, role_id="", token_file=str(file)))
    with pytest.raises(KeysUnavailable, match="403") as refused:
        await keys.wrap(SECRET, BINDING)
    assert "canary" not in f"{refused.value!r}{refused.value.hint}"
    file.write_text(server.root.auth.token.create(policies=["trunkline"])["auth"]["client_token"])
    assert (await keys.wrap(SECRET, BINDING)).data.startswith(b"vault:")


async def test_a_rotation_makes_a_new_version_of_the_key_and_wraps_everything_by_it(
    remote: tuple[StoredConnections, Rotation],
) -> None:
    store, rotation = remote
    refs = [await store.save(each, GITHUB, {"token": CANARY}) for each in (ANN, EVE)]
    (before,) = await rotation.key_ids()
    assert await rotation.rewrap() == 2
    (after,) = await rotation.key_ids()
    assert int(after.rpartition(":")[2]) == int(before.rpartition(":")[2]) + 1
    for ref in refs:
        assert (await store.credential(ref)).values == {"token": CANARY}


async def test_a_role_that_must_not_rotate_the_key_is_told_to_have_it_done(server: Bao, keys: VaultKeys) -> None:
    server.allow('path "transit/encrypt/trunkline" { capabilities = ["update"] }')
    with pytest.raises(KeysUnavailable) as refused:
        await keys.advance()
    assert "Rotate vault:transit/trunkline in Vault" in refused.value.hint


async def test_a_server_that_does_not_answer_fails_closed_within_seconds(server: Bao) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        keys = VaultKeys(settings_of(server, address=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        async with asyncio.timeout(30):
            with pytest.raises(KeysUnavailable, match="does not answer"):
                await keys.wrap(SECRET, BINDING)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": ""}, "vault_address"),
        ({"address": "http://vault.example:8200"}, "no https:// address"),
        ({"address": "ftp://127.0.0.1"}, "no https:// address"),
        ({"role_id": ""}, "who is calling"),
    ],
)
def test_settings_that_cannot_work_say_which(server: Bao, changes: dict[str, str], said: str) -> None:
    with pytest.raises(KeysUnavailable, match=said):
        VaultKeys(settings_of(server, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": "none"}, "400|403"),
        ({"mount": "none"}, "403|404"),
        ({"secret_id_file": "/nowhere/secret"}, "vault_secret_id_file"),
    ],
)
async def test_what_is_not_there_is_a_fault_that_says_so(server: Bao, changes: dict[str, str], said: str) -> None:
    with pytest.raises(KeysUnavailable, match=said):
        await VaultKeys(settings_of(server, **changes)).wrap(SECRET, BINDING)
