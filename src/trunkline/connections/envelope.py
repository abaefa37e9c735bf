"""Secrets of a row, sealed by the data key of its organization.

AES-256-GCM (NIST SP 800-38D); each field apart. The associated data names the place: organization, table, row, version
of the row, field, the other fields' names, and version of the data key. A ciphertext moved to another row, field or
organization, put back into a newer version of its row, or read under another data key does not open.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.contract import Internal

KEY_BYTES: Final = 32
CHANGED: Final = "the stored secret cannot be opened: it was changed or moved, or its key is another"
RESTORE: Final = "Restore the database together with its keys, or connect the service again."
_FORMAT: Final = b"\x02"
_NONCE: Final = 12
_FIELDS: Final = msgspec.msgpack.Decoder(dict[str, bytes])


class Place(msgspec.Struct, frozen=True):
    """Where a ciphertext belongs: one version of one row."""

    organization: str
    table: str
    row: str
    version: int


class DataKey:
    """A data key of an organization, ready to use. Its `repr` never shows it."""

    __slots__ = ("_box", "organization", "version")

    def __init__(self, organization: str, version: int, secret: bytes) -> None:
        """Raises ValueError if `secret` is not 32 bytes."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a data key is {KEY_BYTES} bytes")
        self.organization = organization
        self.version = version
        self._box = AESGCM(secret)

    def __repr__(self) -> str:
        return f"DataKey({self.organization!r}, version={self.version})"

    def seal(self, place: Place, values: Mapping[str, str]) -> bytes:
        """`values` for `place`, which must be of the key's organization."""
        bound = self._bound(place, values)
        return _FORMAT + msgspec.msgpack.encode(
            {name: self._close(value.encode(), bound(name)) for name, value in values.items()}
        )

    def open(self, place: Place, sealed: bytes) -> dict[str, str]:
        """Raises Internal if `sealed` does not belong to `place`, was changed, or is of another key."""
        try:
            if sealed[: len(_FORMAT)] != _FORMAT:
                raise ValueError("of another format")
            fields = _FIELDS.decode(memoryview(sealed)[len(_FORMAT) :])
            bound = self._bound(place, fields)
            return {name: self._open(data, bound(name)) for name, data in fields.items()}
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise Internal(CHANGED, RESTORE) from None

    def _bound(self, place: Place, fields: Iterable[str]) -> "_Bound":
        if place.organization != self.organization:
            raise ValueError("the place is of another organization")
        return _Bound(place, sorted(fields), self.version)

    def _close(self, secret: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._box.encrypt(nonce, secret, bound)

    def _open(self, data: bytes, bound: bytes) -> str:
        return self._box.decrypt(data[:_NONCE], data[_NONCE:], bound).decode()


class _Bound:
    """The associated data of each field of one place."""

    __slots__ = ("_rest",)

    def __init__(self, place: Place, fields: list[str], key_version: int) -> None:
        self._rest = (place.organization, place.table, place.row, place.version, fields, key_version)

    def __call__(self, field: str) -> bytes:
        return msgspec.msgpack.encode(("trunkline sealed v2", field, *self._rest))
