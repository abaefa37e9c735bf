"""What else there is to learn once there is a token: whose it is, which tenant it speaks for, where its API lives."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from trunkline.connections.provider import Account, Instance, Tenants, at
from trunkline.connections.token_endpoint import App, TokenEndpoint, Tokens
from trunkline.contract import Fault, HostDenied

_LONGEST_NAME = 200


class Learned:
    """Look-ups with a new token."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self._endpoint = endpoint

    async def account(self, app: App, token: str) -> str:
        """Who the provider says it is; empty where it does not say, or cannot be asked now."""
        how = app.provider.account
        if how is None:
            return ""
        found = await self._asked(app, how.get or how.post, how, token, post=bool(how.post))
        return _shown(at(found, how.name)) or _shown(at(found, how.id))

    async def tenant(self, app: App, token: str, wanted: str) -> tuple[str, str]:
        """The id and name of the tenant that is `wanted` (id or name), else of the first; empty where there is none.

        Raises HostDenied for a tenant at an address that cannot be the provider's.
        """
        how = app.provider.tenants
        if how is None:
            return "", ""
        found = await self._asked(app, how.get, how, token)
        tenants = cast("list[object]", found) if isinstance(found, list) else [found]
        for tenant in tenants:
            if wanted and wanted not in _names(how, tenant):
                continue
            if how.url:
                _part(str(at(tenant, how.url) or ""), how.suffixes, app.provider.title)
            return _shown(at(tenant, how.id)), _shown(at(tenant, how.name))
        return "", ""

    async def _asked(self, app: App, url: str, how: Account | Tenants, token: str, *, post: bool = False) -> object:
        header = how.header if isinstance(how, Account) else "Authorization"
        try:
            return await self._endpoint.look_up(app, url, {header: f"{how.scheme} {token}".strip()}, post=post)
        except Fault:
            return None  # it is told, not needed


def instance(how: Instance, title: str, tokens: Tokens) -> Mapping[str, str]:
    """The variable that says where the API lives. Raises HostDenied for an address that cannot be the provider's."""
    value: Any = tokens.members.get(how.member)
    if value is None:
        return {}
    return {how.variable: _part(str(value), how.suffixes, title)}


def _part(url: str, suffixes: tuple[str, ...], title: str) -> str:
    """What stands before the suffix in the host of `url`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    for suffix in suffixes:
        name = host.removesuffix(suffix)
        if name != host and parts.scheme == "https" and parts.netloc.lower() == host and _is_name(name):
            return name
    raise HostDenied(f"{title} named an API address that is none of its own.", "Nothing was stored.")


def _is_name(name: str) -> bool:
    return bool(name) and all(part.replace("-", "").isalnum() and part.isascii() for part in name.split("."))


def _names(how: Tenants, tenant: object) -> tuple[str, ...]:
    names = (_shown(at(tenant, how.id)), _shown(at(tenant, how.name)))
    host = urlsplit(str(at(tenant, how.url) or "")).hostname or "" if how.url else ""
    return (*names, host, *(host.removesuffix(suffix) for suffix in how.suffixes))


def _shown(value: object) -> str:
    """A name from outside, as one short line."""
    text = str(value) if isinstance(value, str | int) else ""
    return "".join(each for each in text if each.isprintable())[:_LONGEST_NAME]
