"""Commands answer on standard output, fail with one line and a hint, and never show a trace or a secret."""

import json
import re
from pathlib import Path

import pytest

import trunkline
from trunkline.cli.console import EXIT_CODES
from trunkline.cli.main import COMMANDS, run
from trunkline.contract import Fault
from trunkline.infra import database

Text = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TRUNKLINE_CACHE_DIR", "TRUNKLINE_SPEC_MIRROR", "TRUNKLINE_SANDBOX", "TRUNKLINE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def test_version_prints_the_version(capsys: Text):
    assert run(["version"]) == 0
    assert capsys.readouterr().out.strip() == trunkline.__version__


def test_help_names_every_command(capsys: Text):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"\b{name}\b", shown) for name in COMMANDS)


def test_an_unknown_command_is_refused_without_a_trace(capsys: Text):
    assert run(["fly"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_token_is_the_same_at_every_call_and_alone_on_its_line(capsys: Text):
    assert run(["token"]) == 0
    first = capsys.readouterr().out
    run(["token"])
    assert re.fullmatch(r"tl_[\w-]{43}\n", first)
    assert capsys.readouterr().out == first


def test_config_shows_value_and_origin_of_every_setting(capsys: Text, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "trunkline.toml").write_text("idle_seconds = 9\n[upstreams.echo]\nurl = 'http://127.0.0.1:9/mcp'\n")
    monkeypatch.setenv("TRUNKLINE_PORT", "8111")
    assert run(["config", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in shown["settings"]}
    assert (rows["port"]["value"], rows["port"]["origin"]["where"]) == (8111, "TRUNKLINE_PORT")
    assert rows["idle_seconds"]["origin"]["kind"] == "file"
    assert rows["cache_dir"]["value"] == str(tmp_path / "cache")
    assert shown["upstreams"][0]["id"] == "echo"


def test_config_shows_a_database_without_its_password(capsys: Text, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", "postgresql://ann:canary@host/acme")
    for arguments in (["config"], ["config", "--json"]):
        assert run(arguments) == 0
        said = capsys.readouterr()
        assert "canary" not in re.sub(r"\s", "", said.out + said.err)
    assert "postgresql://ann:***@host/acme" in said.out


def test_a_bad_setting_is_one_line_and_a_hint(capsys: Text, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUNKLINE_PORT", "none")
    assert run(["config"]) == 78
    said = capsys.readouterr().err
    assert said.splitlines() == [
        "error: TRUNKLINE_PORT = 'none' is not accepted.",
        "Accepted: a whole number from 1 to 65535.",
    ]


def test_a_bad_upstream_table_is_refused(capsys: Text, tmp_path: Path):
    (tmp_path / "trunkline.toml").write_text("[upstreams.echo]\nurl = 'ftp://x'\n")
    assert run(["config"]) == 78
    assert "upstreams.echo" in capsys.readouterr().err


def test_a_missing_catalog_says_how_to_build_it(capsys: Text):
    assert run(["catalog", "stats"]) == 66
    assert "trunkline catalog build" in capsys.readouterr().err


def test_every_manifest_we_ship_is_good_and_its_sources_are_pinned(capsys: Text):
    assert run(["catalog", "check"]) == 0
    assert "pinned sources are good" in capsys.readouterr().out


def test_audit_commands_read_the_log(capsys: Text, tmp_path: Path):
    assert run(["audit", "verify"]) == 66
    database.prepare(tmp_path / "trunkline.db")
    assert run(["audit", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["intact"] is True
    assert run(["audit", "tail", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_every_kind_of_fault_has_an_exit_code_of_its_own_choice():
    codes = {kind.code for kind in Fault.__subclasses__() if kind.__module__ == Fault.__module__}
    assert codes - EXIT_CODES.keys() <= {"host_denied", "ticket_rejected", "cancelled"}
