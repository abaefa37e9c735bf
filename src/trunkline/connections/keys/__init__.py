"""The keys that protect stored secrets: data keys, one for each organization, wrapped by a key that is kept elsewhere.

Where that key is kept is the provider's business: a file (`file`), Vault or OpenBao (`vault`), AWS KMS (`kms`).
"""

from collections.abc import Set
from typing import Protocol

import msgspec

from trunkline.contract import KeysUnavailable

__all__ = ["Binding", "KeyMoved", "KeyProvider", "Wrapped", "sealed"]


class Binding(msgspec.Struct, frozen=True):
    """What a wrapped data key is bound to: it unwraps as nothing else."""

    organization: str
    version: int

    def text(self) -> dict[str, str]:
        """As an encryption context."""
        return {"purpose": "trunkline data key", "organization": self.organization, "version": str(self.version)}

    def data(self) -> bytes:
        """As associated data."""
        return msgspec.json.encode(sorted(self.text().items()))


class Wrapped(msgspec.Struct, frozen=True):
    """A data key that only the key `key_id` opens. `key_id` begins with the provider's scheme: file:3f0c…"""

    key_id: str
    data: bytes


class KeyMoved(Exception):
    """The key that was asked for is gone: it was replaced since its name was read. Look again."""


class KeyProvider(Protocol):
    """Wraps and unwraps data keys."""

    async def wrap(self, secret: bytes, binding: Binding) -> Wrapped:
        """By the provider's current key. Raises KeysUnavailable."""
        ...

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Raises KeysUnavailable; KeyMoved; Internal if `wrapped` was changed or is bound to something else."""
        ...

    async def advance(self) -> bool:
        """Makes a new current key, where that is ours to do; False where it is not. Older ones still unwrap."""
        ...

    async def retire(self, used: Set[str]) -> None:
        """Forgets every key that is neither current nor in `used` (ids), where that is ours to do."""
        ...


def sealed(reason: str, hint: str = "") -> KeysUnavailable:
    """The fault that says why nothing can be opened now."""
    return KeysUnavailable(f"503, credentials are sealed: {reason}", hint)
