"""A sign-in from leaving to return: bound to the browser that left, good for one answer, for ten minutes.

`state` is random and goes through the provider; the browser keeps a secret of its own in a cookie. Nonce and PKCE
verifier are derived from that secret, so whoever sees or steals a callback's URL can do nothing with it in another
browser, and the database holds nothing that could be used.
"""

import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.contract import NotFound, PolicyDenied, Unauthenticated
from trunkline.identity.accounts import Person
from trunkline.identity.signin.provider import Door, Leaving, Returned, error_name
from trunkline.identity.tokens import base64url, derived, digest, new_secret
from trunkline.infra.http.web import Fields
from trunkline.infra.tables import sign_ins

FLOW_SECONDS: Final = 600.0
_LONGEST: Final = 4096


class Purpose(msgspec.Struct, frozen=True):
    """What a sign-in is for. `linking`: the user who adds an identity; `invitation`: the digest of one to accept."""

    next: str = "/account"
    linking: str = ""
    invitation: str = ""


class Back(msgspec.Struct, frozen=True):
    """A sign-in that came to its end."""

    person: Person
    purpose: Purpose


class Flow:
    """`doors` by provider id; `url` is ours, below which the callbacks lie."""

    def __init__(
        self, engine: AsyncEngine, doors: Mapping[str, Door], url: str, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self.doors = doors
        self._url = url
        self._now = now

    async def leave(self, provider: str, browser: str, purpose: Purpose) -> str:
        """The provider's URL; `browser` is the secret of the browser's cookie. Raises NotFound, Upstream…"""
        door, state, now = self._door(provider), new_secret(), self._now()
        challenge = base64url(sha256(_verifier(browser, state).encode()).digest())
        url = await door.leave(Leaving(state, _nonce(browser, state), challenge, self._callback(provider)))
        row = {"state": digest(state), "browser": digest(browser), "provider": provider, "next": purpose.next}
        row |= {"linking": purpose.linking, "invitation": purpose.invitation}
        async with self._engine.begin() as connection:
            await connection.execute(delete(sign_ins).where(sign_ins.c.expires_at < now))
            await connection.execute(insert(sign_ins).values(**row, expires_at=now + FLOW_SECONDS))
        return url

    async def back(self, provider: str, browser: str, query: Fields) -> Back:
        """Who signed in, and what for. The sign-in is used up, whatever comes of it.

        Raises Unauthenticated for an answer that fits no sign-in of this browser at this provider, and for one that the
        provider or its token spoils; PolicyDenied for who is not let in; Upstream… where the provider is down.
        """
        door, state = self._door(provider), query.get("state")
        if query.repeated() or len(query.get("code")) > _LONGEST or not browser:
            raise _unknown()
        row = await self._take(provider, browser, state)
        if "error" in query:
            raise Unauthenticated(f"The provider signed nobody in ({error_name(query.get('error'))}).", "Try again.")
        code = query.get("code")
        if not code:
            raise Unauthenticated("The provider's answer holds no code.", "Try again.")
        returned = Returned(
            code, _nonce(browser, state), _verifier(browser, state), self._callback(provider), query.get("iss")
        )
        return Back(await door.person(returned), Purpose(row.next, row.linking, row.invitation))

    async def _take(self, provider: str, browser: str, state: str) -> Any:
        """The sign-in under way, removed: of two answers one is late."""
        which = delete(sign_ins).where(sign_ins.c.state == digest(state)).returning(sign_ins)
        async with self._engine.begin() as connection:
            row = (await connection.execute(which)).first()
        if row is None or row.expires_at <= self._now() or row.provider != provider:
            raise _unknown()
        if row.browser != digest(browser):
            raise PolicyDenied("This sign-in was begun in another browser.", "Sign in from here.")
        return row

    def _door(self, provider: str) -> Door:
        door = self.doors.get(provider)
        if door is None:
            raise NotFound("There is no such way to sign in.", "/login shows them.")
        return door

    def _callback(self, provider: str) -> str:
        return f"{self._url}/auth/{provider}/callback"


def local_path(next: str) -> str:
    """`next` where it is a path of ours, with its query; "/account" for anything a browser might read otherwise.

    Raises nothing: a bad one is not worth a failure.
    """
    ok = next.startswith("/") and not next.startswith("//") and "\\" not in next and next.isprintable()
    return next if ok and next.isascii() and " " not in next and len(next) <= _LONGEST else "/account"


def _nonce(browser: str, state: str) -> str:
    return derived(browser, f"nonce {state}")


def _verifier(browser: str, state: str) -> str:
    return derived(browser, f"verifier {state}")


def _unknown() -> Unauthenticated:
    return Unauthenticated(
        "This sign-in is not known here: it was finished or took too long.", "Begin again at /login."
    )
