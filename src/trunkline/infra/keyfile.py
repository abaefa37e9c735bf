"""The master key: 32 random bytes in a file of mode 0600. Every other key is derived from it (HKDF, RFC 5869)."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trunkline.contract import InvalidSettings

KEY_BYTES = 32


def master_key(path: Path) -> bytes:
    """The key in `path`, which is created when missing.

    Raises `InvalidSettings` when the file is readable by others, is a link, or does not hold exactly 32 bytes.
    """
    with suppress(FileNotFoundError):
        return _read(path)
    _create(path)
    return _read(path)


def derive(master: bytes, info: str, length: int = KEY_BYTES) -> bytes:
    """`length` bytes for the purpose `info` (HKDF-SHA256 without salt, RFC 5869 section 3.1)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(master)


def _read(path: Path) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise InvalidSettings(f"The key file {path} cannot be read: {fault.strerror}.", _REPLACE) from None
    try:
        _check_mode(path, os.fstat(file))
        key = os.read(file, KEY_BYTES + 1)
    finally:
        os.close(file)
    if len(key) != KEY_BYTES:
        raise InvalidSettings(f"The key file {path} does not hold {KEY_BYTES} bytes.", _REPLACE)
    return key


_REPLACE = (
    "Restore it from a backup. If there is none, move the file away: a new key is made, "
    "the owner token changes, and services must be connected again."
)


def _check_mode(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InvalidSettings(f"The key file {path} is not a regular file.", _REPLACE)
    if stat.S_IMODE(status.st_mode) & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise InvalidSettings(f"The key file {path} is open to others (mode {mode:04o}).", f"Run: chmod 600 {path}")


def _create(path: Path) -> None:
    """Writes a new key whole or not at all; of two processes that start at once, one creates and both read it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(secrets.token_bytes(KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    except OSError as fault:
        raise InvalidSettings(f"The key file {path} cannot be written: {fault.strerror}.", _WRITE) from None
    finally:
        temporary.unlink(missing_ok=True)


_WRITE = "Choose a data directory that you own with --data-dir or TRUNKLINE_DATA_DIR."
