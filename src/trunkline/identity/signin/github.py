"""GitHub, which is no OpenID provider: the account is asked for (docs.github.com/rest/users), and known by its number.

A login can be given up and taken by somebody else, and an address can be changed: neither identifies anybody. Errors of
the token endpoint come with status 200.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from trunkline.contract import Unauthenticated, UpstreamFailed
from trunkline.identity.accounts import Person
from trunkline.identity.signin.provider import (
    Leaving,
    Returned,
    exchange,
    not_let_in,
    query_url,
    text,
    unavailable,
)
from trunkline.identity.signin.settings import Provider
from trunkline.infra.fetch import Fetch, Request

_VERSION: Final = "2022-11-28"


class _Email(msgspec.Struct):
    email: str
    primary: bool = False
    verified: bool = False


class _Organization(msgspec.Struct):
    login: str


class GitHubDoor:
    """GitHub, or a GitHub Enterprise Server."""

    def __init__(self, provider: Provider, fetch: Fetch) -> None:
        self.provider = provider
        self._fetch = fetch
        public = urlsplit(provider.url).hostname == "github.com"
        self._api = "https://api.github.com" if public else f"{provider.url}/api/v3"

    async def leave(self, leaving: Leaving) -> str:
        scopes = [*self.provider.scopes, *(["read:org"] if self.provider.organizations else [])]
        return query_url(
            f"{self.provider.url}/login/oauth/authorize",
            {
                "client_id": self.provider.client_id,
                "redirect_uri": leaving.redirect_uri,
                "scope": " ".join(scopes),
                "state": leaving.state,
                "code_challenge": leaving.challenge,
                "code_challenge_method": "S256",
            },
        )

    async def person(self, returned: Returned) -> Person:
        if returned.issuer and returned.issuer not in (self.provider.url, f"{self.provider.url}/login/oauth"):
            raise Unauthenticated("The answer came from another issuer than GitHub.", "Sign in again.")
        token = await self._exchange(returned)
        user = await self._read(token, "/user", dict[str, Any])
        id, login = user.get("id"), text(user, "login")
        if not isinstance(id, int) or isinstance(id, bool) or not login:
            raise Unauthenticated("GitHub did not say who signed in.", "Try again.")
        addresses = await self._read(token, "/user/emails", list[_Email])
        email = await self._admitted(token, [each for each in addresses if each.verified])
        return Person(self.provider.url, str(id), self.provider.id, text(user, "name") or login, email, login)

    async def _exchange(self, returned: Returned) -> str:
        form = {
            "client_id": self.provider.client_id,
            "client_secret": self.provider.secret.reveal(),
            "code": returned.code,
            "redirect_uri": returned.redirect_uri,
            "code_verifier": returned.verifier,
        }
        content = await exchange(self._fetch, f"{self.provider.url}/login/oauth/access_token", form, {})
        token = text(content, "access_token")
        if not token:
            raise Unauthenticated("GitHub gave no token.", "Try again.")
        return token

    async def _admitted(self, token: str, verified: list[_Email]) -> str:
        """The address to know the person by; only verified ones count. Raises PolicyDenied for who is not let in."""
        provider = self.provider
        if provider.domains:
            verified = [each for each in verified if each.email.rpartition("@")[2].lower() in provider.domains]
            if not verified:
                raise not_let_in(provider)
        if provider.organizations:
            theirs = await self._read(token, "/user/orgs?per_page=100", list[_Organization])
            if provider.organizations.isdisjoint(each.login.lower() for each in theirs):
                raise not_let_in(provider)
        ranked = sorted(verified, key=lambda each: not each.primary)
        return ranked[0].email if ranked else ""

    async def _read(self, token: str, path: str, kind: Any) -> Any:
        headers = {"authorization": f"Bearer {token}", "x-github-api-version": _VERSION}
        answer = await self._fetch(Request(self._api + path, headers=headers))
        unavailable(answer)
        if answer.status != 200:
            raise Unauthenticated("GitHub does not say who signed in.", "Allow the access that it asks for.")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UpstreamFailed("GitHub's answer cannot be read.") from None
