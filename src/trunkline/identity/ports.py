"""Who is in front of the browser, as other rooms may know it: they depend on these shapes, not on the database."""

from typing import Protocol

import msgspec

from trunkline.infra.http.asgi import Scope


class SignedIn(msgspec.Struct, frozen=True):
    """A browser's session: the user, the organization they act for and their role in it.

    `session` is the session's public id, no secret; `csrf` is the token that every form of this session carries.
    """

    user: str
    name: str
    organization: str
    role: str
    session: str
    csrf: str
    organization_name: str = ""


class Browsers(Protocol):
    """From a request's cookies to the session behind them."""

    async def signed_in(self, scope: Scope) -> SignedIn | None:
        """None where there is no session, or it has ended, or its user was disabled or left the organization."""
        ...


class KeyHolder(msgspec.Struct, frozen=True):
    """Who an API key stands for (`session` and `csrf` are empty), or who a session does."""

    user: SignedIn
    read_only: bool = False


class KeyHolders(Protocol):
    """From an API key to whoever it administers for."""

    async def holder(self, key: str) -> KeyHolder | None:
        """None where it is not valid any more, is for certain toolsets alone, or its user is gone or disabled."""
        ...
