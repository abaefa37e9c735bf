"""What the authenticator asks about a token that it does not remember."""

from typing import Protocol

import msgspec

from trunkline.contract import Admitted


class Held(msgspec.Struct, frozen=True):
    """A verified token. `until` is in seconds of the monotonic clock: then it is verified again.

    `host` and `path` are those it is good for; an empty one is every one.
    """

    admitted: Admitted
    until: float = float("inf")
    host: bytes = b""
    path: str = ""

    def fits(self, host: bytes, path: str) -> bool:
        return (not self.path or self.path == path) and (not self.host or self.host == host)


class Verifier(Protocol):
    """Knows one kind of token."""

    async def verify(self, token: str, host: bytes, path: str) -> Held | None:
        """None for a token of another kind, and for one that is not valid."""
        ...
