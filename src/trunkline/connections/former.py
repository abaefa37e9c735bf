"""How connections were sealed before organizations had data keys: read only, until `keys rotate` or a start seals anew.

Every connection had a data key of its own, wrapped by a key derived from the master key; each field was sealed by the
data key. The associated data named organization, connection, field and an id of the wrapping key.
"""

import hashlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.connections.envelope import CHANGED, RESTORE, Place
from trunkline.contract import Internal
from trunkline.infra.keyfile import derive

_NONCE: Final = 12
_WRAPPED: Final = ""  # the "field" of the wrapped data key: no secret is called that


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    wrapped: bytes
    fields: dict[str, bytes]


class FormerEnvelope:
    """Opens what was sealed under the master key alone."""

    def __init__(self, master: bytes) -> None:
        secret = derive(master, "connections v1")
        self._key_id = hashlib.sha256(b"connections key id" + secret).hexdigest()[:16]
        self._wrap = AESGCM(secret)

    def open(self, place: Place, sealed: bytes) -> dict[str, str]:
        """Raises Internal if `sealed` does not belong to `place`, was changed, or is of another key file."""
        try:
            parts = msgspec.msgpack.decode(sealed, type=_Sealed)
            box = AESGCM(self._open(self._wrap, place, _WRAPPED, parts.wrapped))
            return {name: self._open(box, place, name, data).decode() for name, data in parts.fields.items()}
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise Internal(CHANGED, RESTORE) from None

    def _open(self, box: AESGCM, place: Place, field: str, data: bytes) -> bytes:
        bound = msgspec.msgpack.encode((place.organization, place.row, field, self._key_id))
        return box.decrypt(data[:_NONCE], data[_NONCE:], bound)
