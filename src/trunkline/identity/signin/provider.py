"""What every way to sign in does: name the provider's page, and say who came back from it."""

import re
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from trunkline.contract import Fault, PolicyDenied, Unauthenticated, UpstreamFailed, UpstreamUnavailable
from trunkline.identity.accounts import Person
from trunkline.identity.signin.settings import Provider
from trunkline.infra.fetch import Fetch, Fetched, Request

_ERROR: Final = re.compile(r"[a-z_]{1,40}")
_TOO_BUSY: Final = (429, 500, 502, 503, 504)


class Leaving(msgspec.Struct, frozen=True):
    """What the browser takes to the provider. `challenge` is PKCE's, S256."""

    state: str
    nonce: str
    challenge: str
    redirect_uri: str


class Returned(msgspec.Struct, frozen=True):
    """What it brought back. `issuer` is the `iss` of RFC 9207, empty where there was none."""

    code: str
    nonce: str
    verifier: str
    redirect_uri: str
    issuer: str


class Door(Protocol):
    """One provider."""

    provider: Provider

    async def leave(self, leaving: Leaving) -> str:
        """The provider's URL to go to. Raises UpstreamUnavailable, UpstreamFailed."""
        ...

    async def person(self, returned: Returned) -> Person:
        """Who signed in. Raises Unauthenticated, PolicyDenied (not one of those let in), UpstreamUnavailable."""
        ...


def query_url(endpoint: str, parameters: dict[str, str]) -> str:
    """`endpoint` with these parameters. Raises UpstreamFailed where it is no URL that a browser may be sent to."""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.fragment or not endpoint.isprintable():
        raise UpstreamFailed("The provider's metadata holds an address that is not accepted.")
    return f"{endpoint}{'&' if parts.query else '?'}{urlencode(parameters)}"


async def exchange(fetch: Fetch, url: str, form: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
    """A code for tokens. Raises Unauthenticated where the provider refuses it, UpstreamUnavailable where it is down."""
    answer = await fetch(Request(url, form=form, headers=headers))
    unavailable(answer)
    content = answer.json()
    if answer.status != 200 or "error" in content:
        raise Unauthenticated(f"The provider refused the sign-in ({error_name(content.get('error'))}).", "Try again.")
    return content


def unavailable(answer: Fetched) -> None:
    """Raises UpstreamUnavailable where the provider has a fault of its own."""
    if answer.status in _TOO_BUSY:
        raise UpstreamUnavailable("The provider cannot sign anybody in at the moment.", "Try again later.")


def error_name(value: object) -> str:
    """An error code of OAuth's as it may be shown; anything else is only "an error"."""
    return value if isinstance(value, str) and _ERROR.fullmatch(value) else "an error"


def text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def not_let_in(provider: Provider) -> Fault:
    return PolicyDenied(f"This {provider.title} account is not one of those let in here.", "Use another account.")
