"""The JWT bearer grant (RFC 7523): an access token for an assertion of a provider that vouches for the user."""

import secrets
from typing import Any

from trunkline.identity.oauth import tokens
from trunkline.identity.oauth.assertions import Asserted, Assertions
from trunkline.identity.oauth.clients import Client
from trunkline.identity.oauth.exchange import Exchange
from trunkline.identity.oauth.faults import OAuthFault, invalid_grant, invalid_request, invalid_target
from trunkline.identity.oauth.grants import Grant, Grants
from trunkline.identity.oauth.ports import Accounts, Record
from trunkline.identity.oauth.resource import narrowed, reading, resource_of, scopes_of
from trunkline.identity.roles import Role, reaches
from trunkline.infra.http.web import Fields


class Managed:
    """Redeems assertions, each once: the grant of one lives as long as its only token, and is never renewed."""

    def __init__(
        self, assertions: Assertions, grants: Grants, accounts: Accounts, record: Record, exchange: Exchange
    ) -> None:
        self._assertions = assertions
        self._grants = grants
        self._accounts = accounts
        self._record = record
        self._exchange = exchange

    async def redeem(self, client: Client, form: Fields, issuer: str) -> dict[str, Any]:
        """The token response. Raises OAuthFault."""
        if client.method == "none":  # whoever held the assertion could use it
            raise OAuthFault("unauthorized_client", "Only a client with a secret may bring an assertion.")
        if not form.get("assertion"):
            raise invalid_request("The assertion is missing.")
        claims = await self._assertions.read(form.get("assertion"), client.id, issuer)
        grant = await self._grant(client, claims, form, issuer)
        until = self._exchange.now() + tokens.SECONDS
        if not await self._grants.begin_once(grant, f"{claims.iss} {claims.jti}", until):
            raise invalid_grant()
        detail = {"client": client.id, "client_name": client.name, "issuer": claims.iss, "scope": grant.scope}
        await self._record(grant.organization, grant.subject, "grant.allow", grant.id, detail=detail)
        return self._exchange.access(grant, grant.scope)

    async def _grant(self, client: Client, claims: Asserted, form: Fields, issuer: str) -> Grant:
        """Raises OAuthFault."""
        resource = _resource(claims, form, issuer)
        scope = narrowed(form.get("scope"), scopes_of(claims.scope, client.scope))
        known = await self._assertions.issuers.known(claims.iss, claims.sub)
        role = await self._accounts.role(known.user, known.organization) if known else None
        if known is None or role is None:
            raise invalid_grant()
        return Grant(
            secrets.token_hex(16), client.id, client.name, known.user, known.organization, known.name, "",
            scope if reaches(role, Role.MEMBER) else reading(scope), resource, issuer,
        )  # fmt: skip


def _resource(claims: Asserted, form: Fields, issuer: str) -> str:
    """What the assertion says; the request may only repeat it. Raises OAuthFault."""
    asked = form.all("resource")
    said = resource_of([claims.resource], issuer) if claims.resource else resource_of(asked, issuer)
    if asked and resource_of(asked, issuer) != said:
        raise invalid_target("The assertion is for another resource.")
    return said
