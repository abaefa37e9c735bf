"""Members of published wheels, and the client that fetches them."""

import gzip
import zipfile
from pathlib import Path

import pytest

from trunkline.catalog import pypi
from trunkline.contract import NotFound, UpstreamFailed


def test_only_wanted_members_are_read_and_uncompressed(tmp_path: Path) -> None:
    wheel = tmp_path / "acme-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as entries:
        entries.writestr("acme/a.json", "{}")
        entries.writestr("acme/b.json.gz", gzip.compress(b"[]"))
        entries.writestr("acme/c.json", "0")
    wanted = {"acme/a.json", "acme/b.json.gz", "acme/none.json"}
    assert dict(pypi.members(wheel, wanted)) == {"acme/a.json": b"{}", "acme/b.json.gz": b"[]"}


def test_a_wheel_is_fetched_through_pip(tmp_path: Path) -> None:
    wheel = tmp_path / "acme-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as entries:
        entries.writestr("acme/a.json", "{}")
        entries.writestr("acme-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.2.3\n")
        entries.writestr("acme-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        entries.writestr("acme-1.2.3.dist-info/RECORD", "")
    assert dict(pypi.read(str(wheel), "", {"acme/a.json"})) == {"acme/a.json": b"{}"}


def test_a_wheel_that_cannot_be_fetched_says_which_and_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(UpstreamFailed, match=r"acme\.whl") as caught:
        dict(pypi.read(str(tmp_path / "acme.whl"), "", {"a"}))
    assert "trunkline catalog build" in caught.value.hint


def test_without_pip_and_uv_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="pip") as caught:
        pypi.client(str(tmp_path))
    assert "ensurepip" in caught.value.hint
