"""The ticket: one credential, sealed for one call and one category server.

AES-256-GCM (NIST SP 800-38D) under a key per category. Bound as associated data: everything an `AllowedCall` says, its
arguments by SHA-256. A category server needs no database, and what it was not sent it cannot see.

Layout: 1 byte format, 8 bytes key id, 12 bytes nonce, ciphertext with tag of msgpack [expiry, credential | nil]. The
nonce is random, so it is the ticket's own one-time id as well: a retry of a call gets a new ticket, not a new call.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.contract import AllowedCall, Credential, TicketRejected

LIFETIME_SECONDS: Final = 30.0
SKEW_SECONDS: Final = 5.0
REPLAY_LIMIT: Final = 200_000

_FORMAT: Final = b"\x01"
_KEY_ID, _SECRET, _NONCE = 8, 32, 12
_HEAD: Final = len(_FORMAT) + _KEY_ID
_START: Final = _HEAD + _NONCE


class TicketKey(msgspec.Struct, frozen=True):
    """A category's key. `id` tells keys apart while one replaces another."""

    id: bytes
    secret: bytes

    def __post_init__(self) -> None:
        if len(self.id) != _KEY_ID or len(self.secret) != _SECRET:
            raise ValueError(f"a ticket key is {_KEY_ID} bytes of id and {_SECRET} bytes of secret")

    @staticmethod
    def generate() -> "TicketKey":
        return TicketKey(secrets.token_bytes(_KEY_ID), secrets.token_bytes(_SECRET))

    @staticmethod
    def from_bytes(data: bytes) -> "TicketKey":
        """Raises ValueError if `data` is not what `bytes()` gave."""
        return TicketKey(data[:_KEY_ID], data[_KEY_ID:])

    def __bytes__(self) -> bytes:
        return self.id + self.secret

    def __repr__(self) -> str:
        return f"TicketKey({self.id.hex()})"


class _Content(msgspec.Struct, frozen=True, array_like=True):
    expiry: float
    credential: Credential | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Content).decode


class Sealer:
    """Seals credentials for the categories whose keys it holds."""

    def __init__(
        self, keys: Mapping[str, TicketKey], lifetime: float = LIFETIME_SECONDS, now: Callable[[], float] = time.time
    ) -> None:
        self._boxes = {category: (key, AESGCM(key.secret)) for category, key in keys.items()}
        self._lifetime = lifetime
        self._now = now

    def seal(self, call: AllowedCall, credential: Credential | None) -> bytes:
        """A new ticket for `call`, good for `lifetime` seconds. Raises KeyError for an unknown category."""
        key, box = self._boxes[call.category]
        nonce = os.urandom(_NONCE)
        content = _encode(_Content(self._now() + self._lifetime, credential))
        return _FORMAT + key.id + nonce + box.encrypt(nonce, content, _bound(call))

    def renew(self, call: AllowedCall, ticket: bytes) -> bytes:
        """A new ticket for the same call and credential, for a second dispatch. Raises TicketRejected."""
        key, box = self._boxes[call.category]
        return self.seal(call, _unseal(key, box, call, ticket).credential)


class Opener:
    """Opens tickets under one key, each once."""

    def __init__(self, key: TicketKey, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._box = AESGCM(key.secret)
        self._now = now
        self._used: dict[bytes, float] = {}  # ticket id -> expiry, oldest first

    def open(self, call: AllowedCall, ticket: bytes) -> Credential | None:
        """The credential for `call`; None where it needs none.

        Raises TicketRejected if the ticket is forged, of another key, bound to another call, expired, or used.
        """
        content = _unseal(self._key, self._box, call, ticket)
        self._use(ticket[_HEAD:_START], content.expiry)
        return content.credential

    def _use(self, id: bytes, expiry: float) -> None:
        now = self._now()
        if not now < expiry <= now + LIFETIME_SECONDS + SKEW_SECONDS:
            raise TicketRejected("the ticket has expired")
        if id in self._used:
            raise TicketRejected("the ticket was used before")
        self._forget(now)
        if len(self._used) >= REPLAY_LIMIT:  # refusing is safe, forgetting is not
            raise TicketRejected("too many tickets at once")
        self._used[id] = expiry

    def _forget(self, now: float) -> None:
        """Drops ids that have expired; they come in nearly the order of their expiry."""
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] > now:
                return
            del self._used[oldest]


def _unseal(key: TicketKey, box: AESGCM, call: AllowedCall, ticket: bytes) -> _Content:
    if ticket[:_HEAD] != _FORMAT + key.id:
        raise TicketRejected("the ticket is of another key")
    try:
        return _decode(box.decrypt(ticket[_HEAD:_START], ticket[_START:], _bound(call)))
    except (InvalidTag, ValueError, msgspec.DecodeError):
        raise TicketRejected("the ticket is not for this call") from None


def _bound(call: AllowedCall) -> bytes:
    """What the ticket is bound to: every field of the call, the arguments as their digest."""
    return _encode(
        (
            call.id,
            call.tool,
            call.service,
            call.category,
            call.effect,
            call.idempotent,
            hashlib.sha256(call.arguments).digest(),
            call.subject,
            call.organization,
            call.hosts,
            call.deadline,
            call.connection,
            sorted(call.variables.items()),
            call.view,
        )
    )
