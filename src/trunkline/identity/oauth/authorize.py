"""The authorization request: read and checked before anybody signs in or is asked anything (RFC 6749 section 4.1.1).

Until client and redirect URI are known to belong together, a fault is shown to the person; after that it is sent to
the client, with `iss` as in every response (RFC 9207).
"""

import re
from typing import Final
from urllib.parse import urlencode

import msgspec

from trunkline.identity.oauth import redirects
from trunkline.identity.oauth.clients import Client
from trunkline.identity.oauth.faults import OAuthFault, Unsafe, invalid_request
from trunkline.identity.oauth.resource import resource_of, scopes_of
from trunkline.infra.http.web import Fields

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url: what S256 makes
_LONGEST_STATE: Final = 4_096


class Asked(msgspec.Struct, frozen=True):
    """An authorization request that may be granted."""

    client: Client
    redirect_uri: str
    state: str | None
    scope: str
    resource: str
    challenge: str
    issuer: str
    prompt: frozenset[str] = frozenset()

    @property
    def may_remember(self) -> bool:
        """Whether a consent to this holds for the next time too.

        Not where the response goes to this machine or into an application, where anybody may receive it; nor for
        clients known by a document, whose id anybody can name: an attacker's server would ride on the consent.
        """
        return self.client.origin == "registered" and redirects.is_web(self.redirect_uri)


class Redirected(OAuthFault):
    """A fault that the client is told of, at `location`."""

    def __init__(self, fault: OAuthFault, location: str) -> None:
        super().__init__(fault.error, fault.message, status=fault.status)
        self.location = location


def client_id_of(query: Fields) -> str:
    """Raises Unsafe."""
    if query.repeated() & {"client_id", "redirect_uri"} or not query.get("client_id"):
        raise Unsafe("invalid_request", "The request does not name one client.", "Start again from your MCP client.")
    return query.get("client_id")


def read(query: Fields, client: Client | None, issuer: str) -> Asked:
    """The request of `client`. Raises Unsafe and Redirected."""
    if client is None:
        raise Unsafe(
            "invalid_client",
            "This MCP client is not known here, or has expired.",
            "Remove its stored authorization and connect it again: it then registers anew.",
        )
    uri = _redirect_uri(query, client)
    state = query.get("state") if "state" in query else None
    try:
        return _checked(query, client, uri, state, issuer)
    except OAuthFault as fault:
        raise Redirected(fault, error_location(uri, state, issuer, fault)) from None


def _redirect_uri(query: Fields, client: Client) -> str:
    """Raises Unsafe."""
    if (
        "redirect_uri" not in query
        and len(client.redirect_uris) == 1
        and not redirects.is_loopback(client.redirect_uris[0])
    ):
        return client.redirect_uris[0]
    uri = query.get("redirect_uri")
    if not redirects.match(uri, client.redirect_uris):
        raise Unsafe(
            "invalid_request",
            "The address to return to is not one of this client's.",
            "If you did not start this from your MCP client, close the page.",
        )
    return uri


def _checked(query: Fields, client: Client, uri: str, state: str | None, issuer: str) -> Asked:
    """Raises OAuthFault."""
    if query.repeated() - {"resource"}:
        raise invalid_request("A parameter came twice.")
    if state is not None and len(state) > _LONGEST_STATE:
        raise invalid_request("The state is too long.")
    for name in ("request", "request_uri"):
        if name in query:
            raise OAuthFault(f"{name}_not_supported", "Request objects are not supported.")
    if query.get("response_type") != "code":
        raise OAuthFault("unsupported_response_type", "The response type is code.")
    if query.get("response_mode", "query") != "query":
        raise invalid_request("The response mode is query.")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge")):
        raise invalid_request("PKCE with S256 is required.")
    return Asked(
        client,
        uri,
        state,
        scopes_of(query.get("scope"), client.scope),
        resource_of(query.all("resource"), issuer),
        query.get("code_challenge"),
        issuer,
        frozenset(query.get("prompt").split()),
    )


def code_location(asked: Asked, code: str) -> str:
    """Where the client is told of its code."""
    return _location(asked.redirect_uri, {"code": code}, asked.state, asked.issuer)


def error_location(uri: str, state: str | None, issuer: str, fault: OAuthFault) -> str:
    """Where the client is told of a fault."""
    facts = {"error": fault.error, "error_description": fault.message}
    return _location(uri, facts, state if state is None or len(state) <= _LONGEST_STATE else None, issuer)


def _location(uri: str, facts: dict[str, str], state: str | None, issuer: str) -> str:
    """A redirect URI keeps the query it was registered with."""
    pairs = {**facts, **({} if state is None else {"state": state}), "iss": issuer}
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(pairs)}"
