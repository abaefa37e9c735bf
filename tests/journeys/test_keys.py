"""The keys of stored credentials, with a running gateway: rotated under load, taken away, given back."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys import redis_world
from tests.journeys.redis_world import catalog, rows, under_load
from tests.support import servers
from tests.support.bao import Bao, bao
from tests.support.gateway import environment_of, gateway, prepare, trunkline
from tests.support.mcp import McpClient
from tests.support.wait import until_async
from trunkline.contract import Principal

pytestmark = pytest.mark.xdist_group("keys")

ORGANIZATIONS, PEOPLE = 150, 150
OTHERS = [Principal("ann", f"organization-{number}") for number in range(ORGANIZATIONS)]
COLLEAGUES = [Principal(f"user-{number}", "local") for number in range(PEOPLE)]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    with servers.valkey(tmp_path_factory.mktemp("valkey")) as port:
        yield port


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalog(tmp_path_factory.mktemp("shelf") / "catalog")


@pytest.fixture
def data(tmp_path: Path, shelf: Path) -> Path:
    prepare(tmp_path / "data", shelf)
    return tmp_path / "data"


@asynccontextmanager
async def client_of(data: Path, shelf: Path, **environment: str) -> AsyncGenerator[McpClient]:
    options = ["--no-sandbox", "--topology=monolith", "--log-level=debug"]
    with gateway(data, shelf, options, **environment) as running:  # pyright: ignore[reportArgumentType] - none is `port`
        async with running.client() as client:
            yield client


async def rotate(data: Path, *options: str, kill: Callable[[], bool] | None = None) -> int:
    """`trunkline keys rotate`; killed with SIGKILL as soon as `kill` says so. Its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trunkline", "keys", "rotate", *options),
        env=dict(os.environ) | environment_of(data),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    while kill is not None and process.returncode is None:
        if kill():
            process.kill()
            break
        await asyncio.sleep(0.002)
    return await asyncio.wait_for(process.wait(), 120)


def wrapped(data: Path) -> dict[str, int]:
    """Wrapping key -> how many data keys."""
    return dict(rows(data, "SELECT key_id, count(*) FROM data_keys GROUP BY key_id"))


def sealed(data: Path) -> dict[int, int]:
    """Version of the data key -> how many of the colleagues' credentials."""
    query = "SELECT key_version, count(*) FROM connections WHERE organization = 'local' GROUP BY key_version"
    return dict(rows(data, query))


@pytest.mark.slow
async def test_d07_keys_are_rotated_under_fifty_calls_a_second_killed_halfway_and_resumed_and_no_call_fails(
    data: Path, shelf: Path, valkey: int
) -> None:
    await redis_world.connect(data, valkey, servers.PASSWORD, [*OTHERS, *COLLEAGUES])
    (old,) = wrapped(data)
    everything = ORGANIZATIONS + 1

    def half_wrapped() -> bool:
        return everything // 3 < wrapped(data).get(old, 0) < everything * 2 // 3

    def half_sealed() -> bool:
        return PEOPLE // 3 < sealed(data).get(2, 0) < PEOPLE * 2 // 3

    async with client_of(data, shelf, TRUNKLINE_KEY_SECONDS="0.2") as client, under_load(client) as load:
        await load.more(50)
        assert await rotate(data, kill=half_wrapped) == -9
        assert len(wrapped(data)) == 2, "killed half-way"
        await load.more(50)
        assert await rotate(data, "--data-keys", kill=half_sealed) == -9
        assert len(sealed(data)) == 2, "killed half-way"
        assert old not in wrapped(data)
        await load.more(50)
        assert await rotate(data, "--data-keys") == 0
        await load.more(50)
    assert load.failed == []
    assert load.answered == load.made > 200
    assert len(wrapped(data)) == 1
    assert sealed(data) == {2: PEOPLE + 1}
    assert rows(data, "SELECT count(*) FROM data_keys WHERE organization = 'local'") == [(1,)]
    assert rows(data, "SELECT act, target, outcome FROM events") == [("keys.rotate", "file", "ok")]


async def test_d06_while_openbao_is_sealed_calls_fail_with_503_and_a_reason_and_recover_by_themselves(
    data: Path, shelf: Path, valkey: int, tmp_path: Path
) -> None:
    (tmp_path / "openbao").mkdir()
    with bao(tmp_path / "openbao") as server:
        environment = vault_of(server)
        await redis_world.connect(data, valkey, servers.PASSWORD, environment=environment)
        assert [key.rpartition(":")[0] for key in wrapped(data)] == ["vault:transit/trunkline"]
        async with client_of(data, shelf, **environment) as client:
            assert await client.text_of("redis_set", {"key": "k", "value": 1})
            server.seal()
            await until_async(lambda: fails(client), 10, "the kept key to be dropped")
            text = (await client.call("redis_get", {"key": "k"}))["content"][0]["text"]
            assert text.startswith("keys_unavailable: 503, credentials are sealed: Vault is sealed")
            server.unseal()
            assert await client.text_of("redis_get", {"key": "k"}) == "1"


def vault_of(server: Bao) -> dict[str, str]:
    return {
        "TRUNKLINE_KEY_PROVIDER": "vault",
        "TRUNKLINE_KEY_SECONDS": "0.2",
        "TRUNKLINE_VAULT_ADDRESS": server.address,
        "TRUNKLINE_VAULT_ROLE_ID": server.role_id,
        "TRUNKLINE_VAULT_SECRET_ID_FILE": str(server.secret_id_file),
    }


async def fails(client: McpClient) -> bool:
    return bool((await client.call("redis_get", {"key": "k"})).get("isError"))


def remove(path: Path) -> None:
    path.unlink()


def shorten(path: Path) -> None:
    path.write_text("c2hvcnQ=\n", encoding="utf-8")


def placehold(path: Path) -> None:
    path.write_text("changeme\n", encoding="utf-8")


def share(path: Path) -> None:
    shutil.copy(path.with_name("master.key"), path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(remove, "is missing"), (shorten, "too short"), (placehold, "a placeholder"), (share, "the same as the key file")],
)
async def test_d05_the_gateway_starts_sealed_when_its_key_is_no_good_says_why_and_opens_when_it_is_back(
    data: Path, shelf: Path, valkey: int, spoil: Callable[[Path], None], said: str
) -> None:
    await redis_world.connect(data, valkey, servers.PASSWORD)
    key = data / "credentials.key"
    good = key.read_bytes()
    spoil(key)
    async with client_of(data, shelf) as client:
        assert await client.list_tools()
        text = (await client.call("redis_get", {"key": "k"}))["content"][0]["text"]
        assert text.startswith("keys_unavailable: 503, credentials are sealed: The key file")
        assert "TRUNKLINE_KEY_FILE" in text
        assert said in text
        assert key.exists() is (spoil is not remove), "a new key would not open what the old one wrapped"
        looked = trunkline(data, "keys", "status")
        assert (looked.returncode, said in looked.stderr) == (75, True)
        key.write_bytes(good)
        key.chmod(0o600)
        assert await client.text_of("redis_set", {"key": "k", "value": 2})
    assert said in (data / "log" / "trunkline.log").read_text(encoding="utf-8")


def test_a_key_file_that_a_setting_names_is_never_made(data: Path) -> None:
    done = trunkline(data, "keys", "status", TRUNKLINE_KEY_FILE=str(data / "elsewhere.key"))
    assert (done.returncode, "elsewhere.key (TRUNKLINE_KEY_FILE) is missing" in done.stderr) == (75, True)
    assert not (data / "elsewhere.key").exists()


def test_status_tells_which_keys_there_are_and_no_secret(data: Path, valkey: int) -> None:
    asyncio.run(redis_world.connect(data, valkey, servers.PASSWORD))
    found = json.loads(trunkline(data, "keys", "status", "--json").stdout)
    assert found["sealed"] is None
    assert found["status"]["wrapped"] == {found["status"]["current"]: 1}
    assert (found["status"]["newest"], found["status"]["older"]) == (1, 0)
    secret = (data / "credentials.key").read_text(encoding="utf-8").splitlines()[-1]
    assert secret not in json.dumps(found)
