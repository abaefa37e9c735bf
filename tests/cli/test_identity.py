"""`trunkline login`, `users` and `apikeys`, as their output is read by scripts."""

import json
from pathlib import Path

import pytest

from tests.support.gateway import trunkline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def said(folder: Path, *arguments: str) -> str:
    done = trunkline(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_login_prints_a_link_and_another_one_each_time(folder: Path):
    first, second = said(folder, "login"), said(folder, "login", "--url", "https://gw.example/")
    assert first.startswith("http://127.0.0.1:8000/login/link/")
    assert second.startswith("https://gw.example/login/link/")
    assert first.rpartition("/")[2] != second.rpartition("/")[2]


def test_a_service_account_gets_a_key_that_is_shown_once(folder: Path):
    user = said(folder, "users", "service", "robot", "--role", "viewer")
    key = said(folder, "apikeys", "create", "nightly", "--for", "robot", "--toolset", "github", "--days", "0")
    assert key.startswith("tl_key_")
    (row,) = json.loads(said(folder, "apikeys", "list", "--json"))
    assert (row["user"], row["toolsets"], row["expires_at"]) == (user, ["github"], 0.0)
    assert key not in json.dumps(row)
    said(folder, "users", "role", "robot", "member")
    roles = {one["name"]: one["role"] for one in json.loads(said(folder, "users", "list", "--json"))}
    assert roles == {"Owner": "owner", "robot": "member"}
    said(folder, "apikeys", "revoke", "nightly")
    assert json.loads(said(folder, "apikeys", "list", "--json")) == []
    acts = [one["act"] for one in json.loads(said(folder, "users", "events", "--json"))]
    assert acts == ["key.revoke", "member.role", "key.create", "service.create"]


def test_what_does_not_exist_or_may_not_be_is_said_with_an_exit_code(folder: Path):
    for arguments, code in (
        (("users", "disable", "nobody"), 66),
        (("users", "role", "owner", "viewer"), 77),
        (("users", "invite", "--role", "king"), 77),
        (("apikeys", "revoke", "nothing"), 66),
        (("apikeys", "create", "x", "--toolset", "../x"), 64),
    ):
        assert trunkline(folder, *arguments).returncode == code, arguments
