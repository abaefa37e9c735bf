"""A key file with several keys, one a line, base64 or hexadecimal; the last one is current. `#` begins a comment.

It can be made by hand (`openssl rand -base64 32 > FILE`), and keys can be put below the ones that are there.
"""

import base64
import binascii
import fcntl
import hashlib
import re
import secrets
from collections.abc import Generator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trunkline.contract import InvalidSettings
from trunkline.infra import private_file

SHORTEST: Final = 32  # bytes
_LIMIT: Final = 65_536
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-fA-F]{2}){32,}")
_MAKE: Final = "Put a random key into it: openssl rand -base64 32"
_HEAD: Final = b"# Keys that wrap data keys, the current one last. Without them no stored credential can be opened.\n"


class Keyring:
    """The keys of one file. `setting` names the setting that leads to it, `others` the secrets it must not share."""

    def __init__(self, path: Path, setting: str, others: Mapping[str, bytes] | None = None) -> None:
        self.path = path
        self._setting = setting
        self._others = others or {}

    def keys(self) -> dict[str, bytes]:
        """Id -> key, the current one last.

        Raises `InvalidSettings` naming file and setting: it is missing, open to others, or holds what is no key.
        """
        try:
            content = private_file.read(self.path, _LIMIT, _MAKE)
        except FileNotFoundError:
            hint = f"Restore it from a backup, or correct {self._setting}."
            raise InvalidSettings(f"The key file {self.path} ({self._setting}) is missing.", hint) from None
        for purpose, other in self._others.items():
            if content == other:
                raise self._bad(f"is the same as {purpose}")
        lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
        found = [self._key(line) for line in lines if line and not line.startswith("#")]
        if not found:
            raise self._bad("holds no key")
        return {id_of(key): key for key in found}

    def create(self) -> None:
        """With one new key, where there is no file."""
        private_file.create(self.path, _HEAD + _line(secrets.token_bytes(SHORTEST)))

    def append(self) -> str:
        """Makes a new current key; returns its id."""
        fresh = secrets.token_bytes(SHORTEST)
        with self._alone():
            self._write([*self.keys().values(), fresh])
        return id_of(fresh)

    def keep(self, used: Set[str]) -> None:
        """Removes every key that is neither current nor in `used`."""
        with self._alone():
            keys = self.keys()
            current = next(reversed(keys))
            kept = [key for id, key in keys.items() if id in used or id == current]
            if len(kept) < len(keys):
                self._write(kept)

    def _write(self, keys: list[bytes]) -> None:
        private_file.replace(self.path, _HEAD + b"".join(map(_line, keys)))

    def _key(self, line: str) -> bytes:
        key = _decoded(line)
        if reason := private_file.unfit(line.encode()) or private_file.unfit(key):
            raise self._bad(f"holds {reason}" if reason.startswith("a ") else f"is {reason}")
        if len(key) < SHORTEST:
            raise self._bad(f"holds a key that is too short: {len(key)} bytes, {SHORTEST} are needed")
        for purpose, other in self._others.items():
            if secrets.compare_digest(key, other):
                raise self._bad(f"holds the same key as {purpose}")
        return key

    def _bad(self, what: str) -> InvalidSettings:
        return InvalidSettings(f"The key file {self.path} ({self._setting}) {what}.", _MAKE)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """One process changes the file at a time."""
        with self.path.with_name(f"{self.path.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def id_of(key: bytes) -> str:
    """Tells keys apart and says nothing of them."""
    return hashlib.sha256(b"trunkline key id" + key).hexdigest()[:16]


def _line(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def _decoded(line: str) -> bytes:
    """What the line says in hexadecimal or base64 (either alphabet); the line itself where it is neither."""
    if _HEXADECIMAL.fullmatch(line):
        return bytes.fromhex(line)
    padded = line.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return line.encode()
