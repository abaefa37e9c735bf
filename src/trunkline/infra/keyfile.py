"""The master key: 32 random bytes in a file of mode 0600. Every other key is derived from it (HKDF, RFC 5869)."""

import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trunkline.contract import InvalidSettings
from trunkline.infra import private_file

KEY_BYTES = 32
_REPLACE = (
    "Restore it from a backup. If there is none, move the file away: a new key is made, "
    "the owner token changes, and clients must be set up again."
)


def master_key(path: Path) -> bytes:
    """The key in `path`, which is created when missing.

    Raises `InvalidSettings` when the file is readable by others, is a link, or does not hold exactly 32 random bytes.
    """
    with suppress(FileNotFoundError):
        return _read(path)
    private_file.create(path, secrets.token_bytes(KEY_BYTES))
    return _read(path)


def derive(master: bytes, info: str, length: int = KEY_BYTES) -> bytes:
    """`length` bytes for the purpose `info` (HKDF-SHA256 without salt, RFC 5869 section 3.1)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(master)


def _read(path: Path) -> bytes:
    key = private_file.read(path, KEY_BYTES + 1, _REPLACE)
    if len(key) != KEY_BYTES:
        raise InvalidSettings(f"The key file {path} does not hold {KEY_BYTES} bytes.", _REPLACE)
    if reason := private_file.unfit(key):
        raise InvalidSettings(f"The key file {path} is {reason}.", _REPLACE)
    return key
