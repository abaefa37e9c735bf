"""The key file as key provider: AES-256-GCM under a key that is derived from a line of the file.

The file is read for every data key that is unwrapped, which is once in minutes: what was put into it shows at once.
"""

import os
from collections.abc import Set
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.connections.keys import Binding, KeyMoved, Wrapped, sealed
from trunkline.contract import Internal, InvalidSettings
from trunkline.infra.keyfile import derive
from trunkline.infra.keyring import Keyring

SCHEME: Final = "file"
_NONCE: Final = 12


class FileKeys:
    """Keys of a `Keyring`."""

    def __init__(self, ring: Keyring) -> None:
        self._ring = ring

    async def wrap(self, secret: bytes, binding: Binding) -> Wrapped:
        id, key = list(self._keys().items())[-1]
        nonce = os.urandom(_NONCE)
        return Wrapped(f"{SCHEME}:{id}", nonce + _box(key).encrypt(nonce, secret, binding.data()))

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        key = self._keys().get(wrapped.key_id.removeprefix(f"{SCHEME}:"))
        if key is None:
            raise KeyMoved(f"the key file {self._ring.path} does not hold the key {wrapped.key_id}")
        try:
            return _box(key).decrypt(wrapped.data[:_NONCE], wrapped.data[_NONCE:], binding.data())
        except (InvalidTag, ValueError):
            raise Internal("a data key cannot be unwrapped: it was changed or moved") from None

    async def advance(self) -> bool:
        self._ring.append()
        return True

    async def retire(self, used: Set[str]) -> None:
        self._ring.keep({id.removeprefix(f"{SCHEME}:") for id in used})

    def _keys(self) -> dict[str, bytes]:
        try:
            return self._ring.keys()
        except InvalidSettings as fault:
            raise sealed(fault.message, fault.hint) from None


def _box(key: bytes) -> AESGCM:
    return AESGCM(derive(key, "wraps data keys v1"))
