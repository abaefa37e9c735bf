"""The master key is made once, kept private, and refused when it is not."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trunkline.contract import InvalidSettings
from trunkline.infra.keyfile import derive, master_key


def test_a_missing_key_is_made_private_and_kept(tmp_path: Path):
    path = tmp_path / "master.key"
    key = master_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert master_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(master_key, [tmp_path / "master.key"] * 32))) == 1


def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(tmp_path: Path):
    path = tmp_path / "master.key"
    master_key(path)
    path.chmod(0o640)
    with pytest.raises(InvalidSettings, match="open to others") as refused:
        master_key(path)
    assert f"chmod 600 {path}" in refused.value.hint


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_key_of_another_length_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InvalidSettings, match="does not hold 32 bytes"):
        master_key(path)


@pytest.mark.parametrize("content", [bytes(32), b"changeme" * 4, bytes(range(32))])
def test_a_key_that_is_no_secret_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InvalidSettings, match=r"is a placeholder|is not random"):
        master_key(path)


def test_a_folder_in_the_place_of_the_key_is_refused(tmp_path: Path):
    (tmp_path / "master.key").mkdir(mode=0o700)
    with pytest.raises(InvalidSettings, match="not a regular file"):
        master_key(tmp_path / "master.key")


def test_a_link_is_not_followed(tmp_path: Path):
    master_key(tmp_path / "real.key")
    (tmp_path / "master.key").symlink_to(tmp_path / "real.key")
    with pytest.raises(InvalidSettings, match="cannot be read"):
        master_key(tmp_path / "master.key")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(InvalidSettings, match="cannot be written"):
        master_key(tmp_path / "missing" / "master.key")


def test_keys_for_different_purposes_differ():
    assert derive(b"k" * 32, "owner token v1") != derive(b"k" * 32, "tickets v1")
    assert len(derive(b"k" * 32, "short", 16)) == 16


def test_derivation_is_hkdf_of_rfc_5869():
    # Independent computation of RFC 5869 with the standard library.
    pseudo_random = hmac.new(b"\0" * 32, b"k" * 32, hashlib.sha256).digest()
    expected = hmac.new(pseudo_random, b"owner token v1" + b"\x01", hashlib.sha256).digest()
    assert derive(b"k" * 32, "owner token v1") == expected
