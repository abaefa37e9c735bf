"""The providers of the settings that vouch for their users to MCP clients: `oauth.assertions.Issuers`."""

from collections.abc import Iterable

from joserfc.jwk import KeySet

from trunkline.contract import UpstreamFailed
from trunkline.identity.accounts import Accounts
from trunkline.identity.oauth.assertions import Known
from trunkline.identity.signin.metadata import Published
from trunkline.identity.signin.settings import Provider


class TrustedIssuers:
    """Those with `assertions = true`. A user is known who has signed in by the provider once."""

    def __init__(self, providers: Iterable[Provider], published: Published, accounts: Accounts) -> None:
        self.trusted = frozenset(each.url for each in providers if each.assertions)
        self._published = published
        self._accounts = accounts

    async def keys(self, issuer: str, kid: str) -> tuple[KeySet, Iterable[str]]:
        """Raises UpstreamUnavailable, UpstreamFailed."""
        found = await self._published.metadata(issuer)
        if found.issuer != issuer:
            raise UpstreamFailed("The provider's metadata are another issuer's.", "Check url in [[sign_in]].")
        keys = await self._published.keys(found.jwks_uri, kid)
        return keys, {*found.id_token_signing_alg_values_supported, "RS256", "ES256"}

    async def known(self, issuer: str, subject: str) -> Known | None:
        found = await self._accounts.known(issuer, subject)
        theirs = await self._accounts.organizations(found[0]) if found else ()
        return Known(found[0], theirs[0][0], found[1]) if found and theirs else None
