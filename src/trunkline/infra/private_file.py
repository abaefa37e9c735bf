"""Small files that only their owner may read: keys, tokens. Written whole or not at all."""

import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

from trunkline.contract import InvalidSettings

_WRITE = "Choose a data directory that you own with --data-dir or TRUNKLINE_DATA_DIR."
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "password", "secret", "example")
_FEWEST = 8  # different bytes; of 32 random ones fewer are different once in 10^34 files


def read(path: Path, limit: int, hint: str) -> bytes:
    """At most `limit` bytes of the file.

    Raises FileNotFoundError, and `InvalidSettings` (with `hint`) when it is readable by others, a link, or no file.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise InvalidSettings(f"The key file {path} cannot be read: {fault.strerror}.", hint) from None
    try:
        _check_mode(path, os.fstat(file), hint)
        return os.read(file, limit)
    finally:
        os.close(file)


def create(path: Path, content: bytes) -> None:
    """Of two processes that create it at once, one does. Raises `InvalidSettings` if it cannot be written."""
    with _beside(path, content) as temporary, suppress(FileExistsError):
        os.link(temporary, path)


def replace(path: Path, content: bytes) -> None:
    """Readers see the old content or the new. Raises `InvalidSettings` if it cannot be written."""
    with _beside(path, content) as temporary:
        os.replace(temporary, path)


def unfit(secret: bytes) -> str:
    """Why `secret` is no secret, by its looks; empty where nothing speaks against it."""
    text = secret.decode("latin-1").lower()
    if any(word in text for word in _PLACEHOLDERS):
        return "a placeholder"
    if len(secret) < 2 * _FEWEST:  # too short to say
        return ""
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    return "not random" if len(set(secret)) < _FEWEST or len(steps) == 1 else ""


@contextmanager
def _beside(path: Path, content: bytes) -> Generator[Path]:
    """A private file beside `path` with the content, synced; removed afterwards if it is still there."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    except OSError as fault:
        raise InvalidSettings(f"The key file {path} cannot be written: {fault.strerror}.", _WRITE) from None
    finally:
        temporary.unlink(missing_ok=True)


def _check_mode(path: Path, status: os.stat_result, hint: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InvalidSettings(f"The key file {path} is not a regular file.", hint)
    if stat.S_IMODE(status.st_mode) & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise InvalidSettings(f"The key file {path} is open to others (mode {mode:04o}).", f"Run: chmod 600 {path}")
