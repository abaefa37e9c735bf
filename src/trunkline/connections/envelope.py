"""Envelope encryption of one connection's secrets.

Every connection has a data key of its own, wrapped by the key encryption key; each field is sealed by the data key.
AES-256-GCM throughout, and the associated data names the place: organization, connection id, field, key version. A
ciphertext moved to another row, field or key does not open.

The key encryption key is derived from the master key and never stored.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.contract import Internal
from trunkline.infra.keyfile import derive

_NONCE: Final = 12
_WRAPPED: Final = ""  # the "field" of the wrapped data key: no secret is called that


class Place(msgspec.Struct, frozen=True):
    """Where a ciphertext belongs."""

    organization: str
    connection: str


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    data_key: bytes
    fields: dict[str, bytes]


class Envelope:
    """Seals and opens the secrets of connections under the master key."""

    def __init__(self, master: bytes) -> None:
        secret = derive(master, "connections v1")
        self.key_id = hashlib.sha256(b"connections key id" + secret).hexdigest()[:16]
        self._wrap = AESGCM(secret)

    def seal(self, place: Place, values: Mapping[str, str]) -> bytes:
        data_key = secrets.token_bytes(32)
        box = AESGCM(data_key)
        fields = {name: self._close(box, place, name, value.encode()) for name, value in values.items()}
        return msgspec.msgpack.encode(_Sealed(self._close(self._wrap, place, _WRAPPED, data_key), fields))

    def open(self, place: Place, key_id: str, sealed: bytes) -> dict[str, str]:
        """Raises Internal if `sealed` does not belong to `place`, was changed, or is of another key."""
        if key_id != self.key_id:
            raise Internal("the connection was stored under another key file", _RESTORE)
        try:
            parts = msgspec.msgpack.decode(sealed, type=_Sealed)
            box = AESGCM(self._open(self._wrap, place, _WRAPPED, parts.data_key))
            return {name: self._open(box, place, name, data).decode() for name, data in parts.fields.items()}
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise Internal("the stored connection cannot be opened: it was changed or moved", _RESTORE) from None

    def _close(self, box: AESGCM, place: Place, field: str, secret: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + box.encrypt(nonce, secret, self._bound(place, field))

    def _open(self, box: AESGCM, place: Place, field: str, data: bytes) -> bytes:
        return box.decrypt(data[:_NONCE], data[_NONCE:], self._bound(place, field))

    def _bound(self, place: Place, field: str) -> bytes:
        return msgspec.msgpack.encode((place.organization, place.connection, field, self.key_id))


_RESTORE = "Restore key file and database from the same backup, or connect the service again."
