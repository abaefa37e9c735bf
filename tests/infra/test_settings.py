"""Settings: file < environment < flags, and every bad value says where it stands and what would be accepted."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from trunkline.contract import InvalidSettings
from trunkline.infra import settings


class Sample(msgspec.Struct, frozen=True):
    port: Annotated[int, Meta(ge=1, le=65535, description="Where to listen.")] = 8000
    sandbox: Annotated[bool, Meta(description="Answer from descriptions.")] = False
    topology: Annotated[Literal["child", "monolith"], Meta(description="Who runs the categories.")] = "child"
    data_dir: Annotated[str, Meta(description="Where everything is kept.")] = "here"


def given(tmp_path: Path, file: str = "", environment: dict[str, str] | None = None, **flags: Any) -> settings.Sources:
    (tmp_path / "trunkline.toml").write_text(file)
    return settings.sources(flags, {"TRUNKLINE_DATA_DIR": str(tmp_path)} | (environment or {}))


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path):
    file = "port = 1\ntopology = 'monolith'\nsandbox = true\n"
    loaded = settings.load(Sample, given(tmp_path, file, {"TRUNKLINE_PORT": "2", "TRUNKLINE_SANDBOX": "off"}, port=3))
    assert (loaded.port, loaded.sandbox, loaded.topology) == (3, False, "monolith")


def test_every_value_knows_where_it_came_from(tmp_path: Path):
    rows = settings.explain([Sample], given(tmp_path, "port = 9\n", {"TRUNKLINE_SANDBOX": "1"}, topology="monolith"))
    origins = {row.name: str(row.origin) for row in rows}
    assert origins == {
        "port": f"file {tmp_path}/trunkline.toml",
        "sandbox": "environment TRUNKLINE_SANDBOX",
        "topology": "flag --topology",
        "data_dir": "environment TRUNKLINE_DATA_DIR",
    }
    assert rows[0].description == "Where to listen."
    assert (rows[1].variable, rows[1].flag) == ("TRUNKLINE_SANDBOX", "--sandbox")


@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [
        ("TRUNKLINE_PORT", "eighty", "a whole number from 1 to 65535"),
        ("TRUNKLINE_PORT", "0", "a whole number from 1 to 65535"),
        ("TRUNKLINE_PORT", "", "a whole number from 1 to 65535"),
        ("TRUNKLINE_SANDBOX", "maybe", "1 or 0, true or false, yes or no, on or off"),
        ("TRUNKLINE_TOPOLOGY", "swarm", "child, monolith"),
    ],
)
def test_a_bad_value_names_its_variable_and_what_is_accepted(tmp_path: Path, variable: str, value: str, accepted: str):
    with pytest.raises(InvalidSettings) as refused:
        settings.load(Sample, given(tmp_path, "", {variable: value}))
    assert variable in refused.value.message
    assert refused.value.hint == f"Accepted: {accepted}."


def test_a_bad_value_in_the_file_names_the_file(tmp_path: Path):
    with pytest.raises(InvalidSettings, match=r"trunkline\.toml: port = 'x'"):
        settings.load(Sample, given(tmp_path, "port = 'x'\n"))


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", "On", " TRUE "])
def test_switches_take_the_usual_words(tmp_path: Path, word: str):
    assert settings.load(Sample, given(tmp_path, "", {"TRUNKLINE_SANDBOX": word})).sandbox is True


def test_an_unknown_key_gets_the_nearest_name(tmp_path: Path):
    with pytest.raises(InvalidSettings, match="'prot'") as refused:
        settings.check_names([Sample], given(tmp_path, "prot = 1\n"))
    assert "Did you mean port?" in refused.value.hint


def test_an_unknown_variable_gets_the_nearest_name(tmp_path: Path):
    with pytest.raises(InvalidSettings, match="TRUNKLINE_SANDBX") as refused:
        settings.check_names([Sample], given(tmp_path, "", {"TRUNKLINE_SANDBX": "1"}))
    assert "Did you mean TRUNKLINE_SANDBOX?" in refused.value.hint


def test_tables_of_other_packages_are_known_names(tmp_path: Path):
    settings.check_names([Sample], given(tmp_path, "[upstreams.echo]\nurl = 'http://x'\n"), known=["upstreams"])


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path):
    with pytest.raises(InvalidSettings, match="line 1"):
        given(tmp_path, "port 8000")


def test_a_named_file_that_is_missing_is_an_error_and_an_unnamed_one_is_not(tmp_path: Path):
    assert settings.sources({"data_dir": str(tmp_path)}, {}).file == {}
    with pytest.raises(InvalidSettings, match="does not exist"):
        settings.sources({"config": str(tmp_path / "none.toml")}, {})


def test_the_file_in_the_data_directory_cannot_move_the_data_directory(tmp_path: Path):
    with pytest.raises(InvalidSettings, match="sets data_dir"):
        given(tmp_path, "data_dir = '/elsewhere'\n")


def test_the_default_data_directory_follows_xdg(tmp_path: Path):
    assert settings.default_data_dir({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "trunkline"
    assert settings.default_data_dir({}).parts[-3:] == (".local", "share", "trunkline")
