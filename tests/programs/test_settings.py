"""All settings of a start, together."""

from pathlib import Path

import pytest

from trunkline.contract import InvalidSettings
from trunkline.infra import settings
from trunkline.infra.location import PostgreSQL
from trunkline.programs.settings import Settings, load


def loaded(tmp_path: Path, file: str = "", **environment: str) -> Settings:
    (tmp_path / "trunkline.toml").write_text(file)
    return load(settings.sources({}, {"TRUNKLINE_DATA_DIR": str(tmp_path)} | environment))


def test_a_start_without_any_setting_is_local_and_reaches_real_services(tmp_path: Path):
    made = loaded(tmp_path)
    assert (made.listen.host, made.listen.port, made.listen.open_port) == ("127.0.0.1", 8000, 0)
    assert made.calling.sandbox is False
    assert made.calling.topology == "child"
    assert made.cache == tmp_path / "cache"
    assert made.mirror is None
    assert made.upstreams == ()


def test_the_database_is_a_file_in_the_data_directory_unless_a_server_is_named(tmp_path: Path):
    assert loaded(tmp_path).database == tmp_path / "trunkline.db"
    url = "postgresql://ann:canary@host/acme"
    assert loaded(tmp_path, TRUNKLINE_DATABASE_URL=url).database == PostgreSQL(url)
    assert loaded(tmp_path, f"database_url = '{url}'").database == PostgreSQL(url)
    assert "canary" not in repr(loaded(tmp_path, TRUNKLINE_DATABASE_URL=url))


@pytest.mark.parametrize(
    "file", ["database_url = 'mysql://ann:canary@host/acme'", "database_url = ['://ann:canary@h']"]
)
def test_a_database_that_is_none_is_refused_without_its_password(tmp_path: Path, file: str):
    with pytest.raises(InvalidSettings, match="database_url") as raised:
        loaded(tmp_path, file)
    assert "canary" not in f"{raised.value.message} {raised.value.hint}"


def test_tables_of_the_file_are_read(tmp_path: Path):
    made = loaded(tmp_path, "denied = ['stripe']\n[upstreams.docs]\nurl = 'http://127.0.0.1:9/mcp'\n")
    assert made.gateway.denied == ("stripe",)
    assert [(one.id, one.names_prefix) for one in made.upstreams] == [("docs", "docs_")]


@pytest.mark.parametrize("file", ["upstreams = 1\n", "[upstreams]\ndocs = 'x'\n", "[upstreams.docs]\nurll = 'x'\n"])
def test_a_wrong_upstream_table_is_refused(tmp_path: Path, file: str):
    with pytest.raises(InvalidSettings, match="upstreams"):
        loaded(tmp_path, file)


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("box", "box")])
def test_the_url_that_is_shown_can_be_connected_to(tmp_path: Path, host: str, shown: str):
    assert loaded(tmp_path, TRUNKLINE_HOST=host).listen.shown_host == shown


def test_relative_folders_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert loaded(tmp_path, TRUNKLINE_CACHE_DIR="here").cache == tmp_path / "here"
