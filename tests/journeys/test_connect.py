"""A service is connected from standard input; the running gateway knows at once; the secret shows nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gateway import environment_of, gateway, prepare, trunkline
from tests.support.wait import until_async

SECRET = "made-up-0123456789-abcdefghij"


def connect(folder: Path, *arguments: str, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trunkline", "connect", *arguments],
        env=environment_of(folder),
        input=secret,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, catalog_folder: Path) -> Path:
    prepare(tmp_path / "data", catalog_folder)
    return tmp_path / "data"


async def test_the_running_gateway_sees_a_new_connection_within_seconds(tmp_path: Path, catalog_folder: Path):
    with gateway(tmp_path / "data", catalog_folder, ["--no-sandbox"]) as running:
        async with running.client() as client:
            assert "github" not in await client.text_of("list_services", {"filter": "connected"})
            assert connect(running.folder, "github").returncode == 0

            async def connected() -> bool:
                return "github" in await client.text_of("list_services", {"filter": "connected"})

            await until_async(connected, 10, "the connection")
    assert SECRET not in running.program.said()


def test_a_connection_is_listed_replaced_and_forgotten_and_its_secret_never_shown(folder: Path):
    first, second = connect(folder, "github"), connect(folder, "github")
    assert "version 1" in first.stdout
    assert "version 2" in second.stdout
    listed = trunkline(folder, "connections", "--json")
    (row,) = json.loads(listed.stdout)
    assert (row["service"], row["kind"], row["version"]) == ("github", "bearer", 2)
    assert trunkline(folder, "disconnect", "github").returncode == 0
    assert trunkline(folder, "disconnect", "github").returncode == 66
    assert json.loads(trunkline(folder, "connections", "--json").stdout) == []
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not any(SECRET.encode() in content for content in files)
    assert SECRET not in first.stdout + first.stderr + listed.stdout


@pytest.mark.parametrize(
    ("arguments", "secret", "code", "said"),
    [
        (["githb"], SECRET, 66, "github"),
        (["github", "--with", "basic"], SECRET, 64, "It takes: bearer"),
        (["github"], "", 64, "needs 1"),
        (["github"], "one\ntwo\n", 64, "needs 1"),
        (["github"], "with\x07bell", 64, "characters that cannot be sent"),
        (["github", "--set", "shop"], SECRET, 64, "NAME=VALUE"),
        (["github", "--set", "shop=acme"], SECRET, 64, "shop"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_hint(
    folder: Path, arguments: list[str], secret: str, code: int, said: str
):
    done = connect(folder, *arguments, secret=secret)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr


def test_an_oauth_app_is_stored_and_its_secret_never_shown(folder: Path):
    added = subprocess.run(
        [sys.executable, "-m", "trunkline", "apps", "add", "github", "--client-id", "Iv1.made-up"],
        env=dict(os.environ) | environment_of(folder),
        input=SECRET,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert added.returncode == 0, added.stderr
    assert "/connect/callback/github" in added.stderr
    listed = trunkline(folder, "apps", "list", "--json")
    (row,) = json.loads(listed.stdout)
    assert (row["provider"], row["client_id"]) == ("github", "Iv1.made-up")
    link = trunkline(folder, "connect", "github", "--with", "link")
    assert "/connect/github?for=" in link.stdout
    assert trunkline(folder, "apps", "allow", "github", "--who", "either").returncode == 0
    assert trunkline(folder, "apps", "remove", "github").returncode == 0
    assert trunkline(folder, "apps", "remove", "github").returncode == 66
    assert SECRET not in added.stdout + added.stderr + listed.stdout + link.stdout
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not any(SECRET.encode() in content for content in files)


def test_an_unknown_provider_is_not_found(folder: Path):
    assert trunkline(folder, "apps", "add", "nobody", "--client-id", "x").returncode == 66
