"""The consent page's form: bound to the browser's session and to the very request that was shown.

A form sent from another session, after ten minutes, or with any parameter changed is refused.
"""

from collections.abc import Callable
from hmac import compare_digest, digest
from typing import Final

import msgspec

from trunkline.contract import PolicyDenied
from trunkline.identity.ports import SignedIn

SECONDS: Final = 600


class Seals:
    """Seals for forms. `now` is in seconds since the epoch."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        self._key = key
        self._now = now

    def seal(self, user: SignedIn, issuer: str, query: str) -> str:
        """For the form that asks `user` about the request `query`."""
        until = int(self._now()) + SECONDS
        return f"{until}.{self._mac(until, user, issuer, query)}"

    def check(self, seal: str, user: SignedIn, issuer: str, query: str) -> None:
        """Raises PolicyDenied."""
        text, _, mac = seal.partition(".")
        until = int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else 0
        fits = compare_digest(mac.encode(), self._mac(until, user, issuer, query).encode())
        if not fits or until <= self._now():
            raise PolicyDenied("This form is not of your session, or has expired.", "Start again from your MCP client.")

    def _mac(self, until: int, user: SignedIn, issuer: str, query: str) -> str:
        bound = msgspec.json.encode((until, user.user, user.organization, user.session, issuer, query))
        return digest(self._key, bound, "sha256").hex()
