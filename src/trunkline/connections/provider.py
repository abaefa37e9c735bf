"""What is known of an OAuth provider: a small file each, `providers/<id>.yaml`; `oauth2: <id>` in a manifest names it.

The facts are those of API descriptions and of the vendors' documentation; a file's comment tells what is unusual.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import msgspec
import yaml

from trunkline.contract import InvalidArguments, InvalidManifest, NotFound, Variable

FOLDER: Final = Path(__file__).with_name("providers")
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_HOLE: Final = re.compile(r"\{([a-z_]+)\}")
_APP: Final = frozenset(("client_id",))  # holes that the app fills
_LOOPBACK: Final = ("127.0.0.1", "localhost")
ClientAuth = Literal["basic", "post", "none"]


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose token it is: a request that tells, and where (JSON pointers) its answer has the id and a name."""

    id: str
    name: str
    get: str = ""
    post: str = ""
    header: str = "Authorization"
    scheme: str = "Bearer"


class Tenants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the token may speak for (sites, companies): a look-up, and the variable that says which of them is meant.

    `url` points to the tenant's own address, which must end in one of `suffixes`.
    """

    get: str
    id: str
    name: str
    variable: str
    url: str = ""
    suffixes: tuple[str, ...] = ()
    scheme: str = "Bearer"


class Instance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A host that the token answer names in `member`: `<variable><suffix>`, nothing else is believed."""

    member: str
    suffixes: tuple[str, ...]
    variable: str


class Revoke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a token is given back (RFC 7009, and what providers made of it). `hint`: the refresh token is meant.

    `auth` bearer presents the token itself; client is Square's `Authorization: Client <secret>`.
    """

    url: str
    method: Literal["POST", "DELETE"] = "POST"
    auth: Literal["none", "basic", "post", "bearer", "client"] = "none"
    body: Literal["form", "json"] = "form"
    parameter: str = ""
    hint: str = ""


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One OAuth 2 provider. URLs may have {variables}, which an admin or the person who connects fills in.

    `expires_in` (seconds) holds where a token answer does not say; 0: such a token is taken to last. `refused` are the
    provider's own words for invalid_grant. `token_at` is where the user's token stands in the answer.
    """

    title: str
    token: str
    authorize: str = ""
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    id: str = ""
    register: str = ""
    issuer: str = ""
    client_auth: ClientAuth = "post"
    body: Literal["form", "json"] = "form"
    pkce: bool = True
    redirect: Literal["url", "configured"] = "url"
    separator: str = " "
    scope_parameter: str = "scope"
    scopes: tuple[str, ...] = ()
    authorize_parameters: dict[str, str] = {}
    token_parameters: dict[str, str] = {}
    headers: dict[str, str] = {}
    token_at: str = ""
    refused: tuple[str, ...] = ()
    refresh: Literal["none", "reusable", "rotating"] = "none"
    refresh_url: str = ""
    expires_in: float = 0.0
    callback: dict[str, str] = {}  # parameter of the redirect -> variable of the service
    callback_hmac: bool = False
    variables: dict[str, Variable] = {}
    instance: Instance | None = None
    tenants: Tenants | None = None
    account: Account | None = None
    revoke: Revoke | None = None

    def filled(self, url: str, values: Mapping[str, str]) -> str:
        """`url` with its variables. Raises InvalidArguments for a value that is missing or does not fit."""
        return _HOLE.sub(lambda hole: self._value(hole[1], values), url)

    def _value(self, name: str, values: Mapping[str, str]) -> str:
        if name in _APP:
            return values[name]
        variable = self.variables[name]
        value = values.get(name) or variable.default
        if not re.fullmatch(variable.pattern, value):
            text = f"{self.title}: {name} must be text like {variable.pattern}"
            raise InvalidArguments(text, variable.description or f"Say which {name}.")
        return value


class Providers:
    """Reads provider files when they are asked for. Files of `more` come before ours."""

    def __init__(self, more: Path | None = None) -> None:
        self._folders = (more, FOLDER) if more is not None else (FOLDER,)
        self._known: dict[str, Provider] = {}

    def find(self, id: str) -> Provider:
        """Raises NotFound, and InvalidManifest for a file that is not right."""
        if id not in self._known:
            self._known[id] = self._read(id)
        return self._known[id]

    def _read(self, id: str) -> Provider:
        for folder in self._folders:
            path = folder / f"{id}.yaml"
            if _ID.fullmatch(id) and path.is_file():
                return parsed(id, path.read_bytes())
        raise NotFound(f"There is no OAuth provider {id!r}.", "Connect with a key or token instead.")


def parsed(id: str, text: bytes) -> Provider:
    """The provider that a file describes. Raises InvalidManifest."""
    try:
        raw = cast("dict[str, Any]", yaml.load(text, yaml.CSafeLoader))
        provider = msgspec.convert({**raw, "id": id}, Provider)
        _check(provider)
    except (yaml.YAMLError, msgspec.ValidationError, TypeError, ValueError, re.error) as error:
        raise InvalidManifest(f"providers/{id}.yaml: {error}") from None
    return provider


def _check(provider: Provider) -> None:
    if bool(provider.authorize) != (provider.grant == "authorization_code"):
        raise ValueError("authorize belongs to the grant authorization_code, and is needed there")
    for url in _urls(provider):
        if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in _LOOPBACK:
            raise ValueError(f"{url} is not https")
        unknown = set(_HOLE.findall(url)) - provider.variables.keys() - _APP
        if unknown:
            raise ValueError(f"{url}: no variable {', '.join(sorted(unknown))}")
    for variable in provider.variables.values():
        re.compile(variable.pattern)


def _urls(provider: Provider) -> list[str]:
    account, tenants, revoke = provider.account, provider.tenants, provider.revoke
    more = (account and (account.get or account.post), tenants and tenants.get, revoke and revoke.url)
    return [url for url in (provider.token, provider.authorize, provider.refresh_url, *more) if url]


def at(value: object, pointer: str) -> object:
    """What a JSON pointer (RFC 6901, without escapes) leads to; None where nothing is."""
    for step in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(cast("list[object]", value)):
            value = cast("list[object]", value)[int(step)]
        else:
            return None
    return value
