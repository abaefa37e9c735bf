"""The grants of the token endpoint: a code for tokens, a refresh token for the next (RFC 6749, RFC 7636, RFC 9700)."""

import base64
import re
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from trunkline.identity.oauth import tokens
from trunkline.identity.oauth.clients import Client
from trunkline.identity.oauth.faults import OAuthFault, invalid_client, invalid_grant, invalid_request, invalid_target
from trunkline.identity.oauth.grants import Grant, Grants, Reused
from trunkline.identity.oauth.keys import SigningKeys
from trunkline.identity.oauth.ports import Accounts, Record
from trunkline.identity.oauth.registry import check_secret
from trunkline.identity.oauth.resource import narrowed, resource_of
from trunkline.infra.http.web import Fields

_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_BASIC: Final = re.compile(r"basic ([A-Za-z0-9+/=]+)", re.IGNORECASE)


class Presented(msgspec.Struct, frozen=True):
    """What a client says it is, before it is believed."""

    id: str
    secret: str
    method: str

    def __repr__(self) -> str:
        return f"Presented({self.id!r}, {self.method!r})"


def presented(authorization: str, form: Fields) -> Presented:
    """By header or in the form, never both (RFC 6749 section 2.3). Raises OAuthFault."""
    if form.repeated() - {"resource"}:
        raise invalid_request("A parameter came twice.")
    if not authorization:
        secret = form.get("client_secret")
        return Presented(form.get("client_id"), secret, "client_secret_post" if secret else "none")
    found = _BASIC.fullmatch(authorization)
    if found is None or "client_secret" in form:
        raise invalid_client()
    id, secret = _basic(found[1])
    if form.get("client_id", id) != id:
        raise invalid_client()
    return Presented(id, secret, "client_secret_basic")


def _basic(text: str) -> tuple[str, str]:
    """Id and secret, each form-encoded before they are joined (RFC 6749 section 2.3.1). Raises OAuthFault."""
    try:
        id, colon, secret = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise invalid_client() from None
    if not colon:
        raise invalid_client()
    return unquote_plus(id), unquote_plus(secret)


def authenticate(client: Client | None, shown: Presented) -> Client:
    """Raises OAuthFault (invalid_client)."""
    if client is not None and client.method == "none" and not shown.secret:
        return client
    check_secret(client, shown.secret)
    if client is None or client.method == "none":
        raise invalid_client()
    return client


class Exchange:
    """Redeems codes and refresh tokens. `now` is in seconds since the epoch."""

    def __init__(
        self, grants: Grants, keys: SigningKeys, accounts: Accounts, record: Record, now: Callable[[], float]
    ) -> None:
        self._grants = grants
        self._keys = keys
        self._accounts = accounts
        self._record = record
        self.now = now

    async def code(self, client: Client, form: Fields, issuer: str) -> dict[str, Any]:
        """The token response for an authorization code. Raises OAuthFault."""
        secret = form.get("code")
        code = await self._grants.peek(secret)
        grant = code.grant
        fits = (
            grant.client == client.id
            and grant.issuer == issuer
            and code.redirect_uri == form.get("redirect_uri", code.redirect_uri)
        )
        if not fits or not _is_verifier(form.get("code_verifier"), code.challenge):
            raise invalid_grant()
        _same_resource(form, grant)
        await self._active(grant)
        try:
            refresh = await self._grants.redeem(secret, code)
        except Reused as reused:
            raise await self._over(reused) from None
        return {**self.access(grant, grant.scope), "refresh_token": refresh}

    async def refresh(self, client: Client, form: Fields, issuer: str) -> dict[str, Any]:
        """The token response for a refresh token. Raises OAuthFault."""
        token = form.get("refresh_token")
        grant = await self._grants.of_refresh(token)
        if grant.client != client.id or grant.issuer != issuer:
            raise await self._over(Reused(grant, "refresh token of another client"))
        _same_resource(form, grant)
        scope = narrowed(form.get("scope"), grant.scope)
        await self._active(grant)
        try:
            successor = await self._grants.rotate(token, grant)
        except Reused as reused:
            raise await self._over(reused) from None
        return {**self.access(grant, scope), "refresh_token": successor}

    async def revoke(self, client: Client, token: str) -> None:
        """Ends the grant of a token (RFC 7009); another client's, and what is no token, is passed over in silence."""
        claims = tokens.read(self._keys, token, self.now())
        try:
            grant = await self._grants.living(claims.grant) if claims else await self._grants.of_refresh(token)
        except OAuthFault:
            return
        if grant is not None and grant.client == client.id and await self._grants.end("revoked", id=grant.id):
            await self._told(grant, "grant.revoke", "ok", "by the client")

    async def _active(self, grant: Grant) -> None:
        """Raises OAuthFault if the user is gone; then the grant is over."""
        if await self._accounts.role(grant.subject, grant.organization) is None:
            await self._grants.end("user gone", id=grant.id)
            await self._told(grant, "grant.end", "refused", "the user is disabled or left the organization")
            raise invalid_grant()

    async def _over(self, reused: Reused) -> OAuthFault:
        """Ends the grant: the code or token is in two hands, and nobody can say which of them is the client's."""
        await self._grants.end(f"{reused.what} reused", id=reused.grant.id)
        await self._told(reused.grant, "grant.end", "refused", f"{reused.what} was used again")
        return invalid_grant()

    async def _told(self, grant: Grant, act: str, outcome: str, why: str) -> None:
        detail = {"client": grant.client, "client_name": grant.client_name, "why": why}
        await self._record(grant.organization, grant.subject, act, grant.id, outcome=outcome, detail=detail)

    def access(self, grant: Grant, scope: str) -> dict[str, Any]:
        """The token response with an access token alone."""
        now = int(self.now())
        claims = tokens.Claims(
            iss=grant.issuer,
            aud=grant.resource,
            sub=grant.subject,
            org=grant.organization,
            client_id=grant.client,
            scope=scope,
            grant=grant.id,
            jti=tokens.token_id(),
            iat=now,
            exp=now + tokens.SECONDS,
        )
        return {
            "access_token": tokens.mint(self._keys, claims),
            "token_type": "Bearer",
            "expires_in": tokens.SECONDS,
            "scope": scope,
        }


def _is_verifier(verifier: str, challenge: str) -> bool:
    """PKCE, S256 (RFC 7636 section 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
    return compare_digest(made, challenge.encode())


def _same_resource(form: Fields, grant: Grant) -> None:
    """Raises OAuthFault for a resource that was not granted."""
    asked = form.all("resource")
    if asked and resource_of(asked, grant.issuer) != grant.resource:
        raise invalid_target("The authorization is for another resource.")
