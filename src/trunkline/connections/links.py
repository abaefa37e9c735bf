"""Links to the connect page, each for one person."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.contract import Principal
from trunkline.infra.keyfile import derive

LINK_SECONDS: Final = 1800.0
_NONCE: Final = 12


class _Link(msgspec.Struct, frozen=True, array_like=True):
    organization: str
    subject: str
    service: str
    expiry: float


class Links:
    """Links to the connect page that are for one person: sealed, so that they tell nobody whose they are."""

    def __init__(self, master: bytes, now: Callable[[], float]) -> None:
        self._box = AESGCM(derive(master, "connect links v1"))
        self._now = now

    def make(self, principal: Principal, service: str) -> str:
        link = _Link(principal.organization, principal.subject, service, self._now() + LINK_SECONDS)
        nonce = os.urandom(_NONCE)
        return (
            urlsafe_b64encode(nonce + self._box.encrypt(nonce, msgspec.msgpack.encode(link), None))
            .rstrip(b"=")
            .decode()
        )

    def is_for(self, text: str, principal: Principal, service: str) -> bool:
        """Whether `text` is a link of ours for this person and service, and has not expired."""
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            link = msgspec.msgpack.decode(self._box.decrypt(raw[:_NONCE], raw[_NONCE:], None), type=_Link)
        except (InvalidTag, ValueError, msgspec.DecodeError):
            return False
        mine = (link.organization, link.subject, link.service) == (principal.organization, principal.subject, service)
        return mine and link.expiry > self._now()
