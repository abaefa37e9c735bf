"""The providers that people may sign in with: tables `[[sign_in]]` of the settings file.

The secret stands in no settings file: it comes from the environment or from a file of its own.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from trunkline.contract import InvalidSettings
from trunkline.identity.roles import Role

_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PERSONAL_TENANT: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"  # Microsoft's own, of all personal accounts
_URLS: Final = {
    "google": "https://accounts.google.com",
    "microsoft": "https://login.microsoftonline.com",
    "github": "https://github.com",
    "oidc": "",
}
_TITLES: Final = {"google": "Google", "microsoft": "Microsoft", "github": "GitHub", "oidc": "Single sign-on"}


class SignInSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to sign in. See docs/settings.md for what each field means."""

    id: str
    kind: Literal["oidc", "google", "microsoft", "github"]
    client_id: str
    title: str = ""
    url: str = ""  # the issuer; for the others another than the usual address (a national cloud, GitHub Enterprise)
    client_secret_env: str = ""
    client_secret_file: str = ""
    scopes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # of verified e-mail addresses; Google: of the Workspace; not for Microsoft
    tenants: tuple[str, ...] = ()  # Microsoft: ids of tenants
    personal: bool = False  # Microsoft: personal accounts too
    organizations: tuple[str, ...] = ()  # GitHub: logins of organizations
    join: bool = False  # whoever passes the above becomes a member without an invitation
    role: str = "member"  # … as this
    assertions: bool = False  # OpenID: it vouches for its users to MCP clients (ID-JAG), who then need no consent


class Provider(msgspec.Struct, frozen=True):
    """A way to sign in, checked and with its secret."""

    id: str
    kind: str
    title: str
    url: str
    client_id: str
    secret: "Secret"
    scopes: tuple[str, ...]
    domains: frozenset[str]
    tenants: frozenset[str]
    personal: bool
    organizations: frozenset[str]
    join: bool
    role: str
    assertions: bool = False


class Secret:
    """A text that no `repr`, log or error shows. It is read when it is first needed: most commands need none."""

    __slots__ = ("_read", "_text")

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._text: str | None = None

    def reveal(self) -> str:
        """Raises InvalidSettings where it cannot be read."""
        if self._text is None:
            self._text = self._read()
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"


def parse(tables: Any, environment: Mapping[str, str] = os.environ) -> tuple[Provider, ...]:
    """The providers of `[[sign_in]]`. Raises InvalidSettings."""
    try:
        given = msgspec.convert(tables, tuple[SignInSettings, ...])
    except msgspec.ValidationError as fault:
        raise InvalidSettings(f"[[sign_in]]: {fault}.", "docs/settings.md shows the tables.") from None
    ids = [one.id for one in given]
    if len(set(ids)) != len(ids):
        raise InvalidSettings("[[sign_in]]: two tables have the same id.", "Give each its own: it is part of a URL.")
    return tuple(_provider(one, environment) for one in given)


def _provider(one: SignInSettings, environment: Mapping[str, str]) -> Provider:
    _check(one)
    return Provider(
        one.id,
        one.kind,
        one.title or _TITLES[one.kind],
        (one.url or _URLS[one.kind]).rstrip("/") if one.kind != "oidc" else one.url,
        one.client_id,
        Secret(partial(_secret, one, environment)),
        one.scopes or (("read:user", "user:email") if one.kind == "github" else ("openid", "email", "profile")),
        _lower(one.domains),
        _lower(one.tenants),
        one.personal,
        _lower(one.organizations),
        one.join,
        one.role,
        one.assertions,
    )


def _check(one: SignInSettings) -> None:
    """Raises InvalidSettings: doubt is refused, above all about who may join."""
    place = f"[[sign_in]] {one.id!r}"
    url = urlsplit(one.url or _URLS[one.kind])
    if not _ID.fullmatch(one.id):
        raise InvalidSettings(f"{place}: the id is not accepted.", "Small letters, digits and dashes, as in a URL.")
    if url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment:
        raise InvalidSettings(f"{place}: url is not accepted.", "The issuer: https://…, as its metadata says it.")
    if one.role not in set(Role) - {Role.OWNER}:
        raise InvalidSettings(f"{place}: role = {one.role!r} is not accepted.", "Accepted: viewer, member, admin.")
    if one.kind == "microsoft" and not (one.tenants or one.personal):
        raise InvalidSettings(f"{place}: whose accounts?", "Name tenants, or set personal = true, or both.")
    if not all(_GUID.fullmatch(tenant.lower()) for tenant in one.tenants):
        raise InvalidSettings(f"{place}: a tenant is named by its id.", "The directory id of the Entra portal.")
    if one.kind != "oidc" and one.assertions:
        raise InvalidSettings(f'{place}: assertions is for kind = "oidc".', "docs/settings.md shows the tables.")
    if one.kind != "oidc" and not (one.client_secret_env or one.client_secret_file):
        raise InvalidSettings(f"{place}: the client secret is missing.", "client_secret_env or client_secret_file.")
    foreign = _foreign(one)
    if foreign:
        raise InvalidSettings(f"{place}: {foreign} means nothing for {one.kind}.", "docs/settings.md shows the tables.")
    if one.join and not (one.domains or one.tenants or one.organizations or one.kind == "oidc"):
        raise InvalidSettings(
            f"{place}: join = true would let in everybody.", "Name domains, tenants or organizations."
        )


def _foreign(one: SignInSettings) -> str:
    if one.kind != "microsoft" and (one.tenants or one.personal):
        return "tenants"
    if one.kind == "microsoft" and one.domains:  # its e-mail claim is whatever somebody wrote there
        return "domains"
    return "organizations" if one.kind != "github" and one.organizations else ""


def _secret(one: SignInSettings, environment: Mapping[str, str]) -> str:
    """Raises InvalidSettings that names the place, and shows nothing of the content."""
    if one.client_secret_env:
        if not environment.get(one.client_secret_env, "").strip():
            raise InvalidSettings(f"[[sign_in]] {one.id!r}: {one.client_secret_env} is not set.", "Set the variable.")
        return environment[one.client_secret_env].strip()
    if one.client_secret_file:
        try:
            return Path(one.client_secret_file).expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise InvalidSettings(
                f"[[sign_in]] {one.id!r}: {one.client_secret_file} cannot be read.", "Check its path and permissions."
            ) from None
    return ""


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in names)
