"""A key file with several keys: read as it was written by hand or by us, and refused when it holds no secret."""

import base64
import hashlib
import secrets
from pathlib import Path

import pytest

from trunkline.contract import InvalidSettings
from trunkline.infra.keyring import Keyring, id_of

MASTER = hashlib.sha256(b"master").digest()
SETTING = "TRUNKLINE_KEY_FILE"


def ring(tmp_path: Path, content: bytes | None = None) -> Keyring:
    path = tmp_path / "credentials.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    return Keyring(path, SETTING, {"the master key": MASTER})


def text(key: bytes) -> bytes:
    return base64.b64encode(key)


def test_a_new_file_is_private_and_holds_one_key(tmp_path: Path):
    made = ring(tmp_path)
    made.create()
    assert made.path.stat().st_mode & 0o777 == 0o600
    (key,) = made.keys().values()
    assert len(key) == 32
    made.create()
    assert list(made.keys().values()) == [key]


def test_a_key_that_is_added_becomes_current_and_the_old_one_stays_until_it_is_unused(tmp_path: Path):
    made = ring(tmp_path)
    made.create()
    (old,) = made.keys()
    new = made.append()
    assert list(made.keys()) == [old, new]
    made.keep({old})
    assert list(made.keys()) == [old, new]
    made.keep(set())
    assert list(made.keys()) == [new]
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_keys_written_by_hand_are_read_in_base64_and_hexadecimal(tmp_path: Path):
    one, two, three = (secrets.token_bytes(32) for _ in range(3))
    lines = [b"# ours", text(one), b"", two.hex().encode(), base64.urlsafe_b64encode(three).rstrip(b"=")]
    assert list(ring(tmp_path, b"\r\n".join(lines)).keys().values()) == [one, two, three]


def test_an_id_says_nothing_of_its_key():
    key = secrets.token_bytes(32)
    assert key.hex()[:8] not in id_of(key)
    assert id_of(key) != id_of(secrets.token_bytes(32))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no key"),
        (b"# a comment\n", "holds no key"),
        (b"c2hvcnQ=", "too short"),
        (base64.b64encode(MASTER[:31]), "too short: 31 bytes"),
        (b"changeme", "a placeholder"),
        (b"CHANGE-ME-to-32-random-bytes-please-now", "a placeholder"),
        (base64.b64encode(b"changeme" * 4), "a placeholder"),
        (b"your-secret-key-here-0123456789abcdef", "a placeholder"),
        (b"A" * 44, "not random"),
        (bytes(32).hex().encode(), "not random"),
        (base64.b64encode(bytes(range(32))), "not random"),
        (base64.b64encode(MASTER), "the same key as the master key"),
        (MASTER.hex().encode(), "the same key as the master key"),
        (MASTER, "the same as the master key"),
    ],
)
def test_what_is_no_secret_is_refused_by_file_and_setting_and_never_shown(tmp_path: Path, content: bytes, said: str):
    with pytest.raises(InvalidSettings, match=said) as refused:
        ring(tmp_path, content).keys()
    assert SETTING in refused.value.message
    assert str(tmp_path) in refused.value.message
    shown = content.decode("latin-1").strip()
    assert not shown or shown not in refused.value.message + refused.value.hint


def test_a_missing_file_is_named_and_not_made(tmp_path: Path):
    with pytest.raises(InvalidSettings, match=f"{SETTING}.*is missing"):
        ring(tmp_path).keys()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_can_read_is_refused(tmp_path: Path):
    made = ring(tmp_path)
    made.create()
    made.path.chmod(0o644)
    with pytest.raises(InvalidSettings, match="open to others"):
        made.keys()
