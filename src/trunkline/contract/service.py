"""A service (one integration) as the compiled catalog knows it."""

import re
from enum import StrEnum
from typing import Final

import msgspec

from trunkline.contract.categories import Category

_HOLE: Final = re.compile(r"\{([^{}]*)\}")


class AuthKind(StrEnum):
    """How a credential is presented. OAuth 2 access tokens are presented as BEARER."""

    BEARER = "bearer"  # RFC 6750
    BASIC = "basic"  # RFC 7617
    API_KEY = "api_key"  # one named value in a header, the query or a cookie
    SIGV4 = "sigv4"  # AWS Signature Version 4, with a long-lived access key
    SIGV4_SESSION = "sigv4_session"  # the same, with a temporary one


class AuthScheme(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to present a credential to a service.

    `fields` names the secret values a connection must hold: ("token",) for BEARER, ("username", "password") for
    BASIC, an access key for SIGV4, one field per key for API_KEY. An API_KEY scheme with several keys (Trello: key and
    token) lists them all.
    """

    kind: AuthKind
    keys: tuple["KeyPlace", ...] = ()  # API_KEY only
    prefix: str = ""  # API_KEY in a header: put before the value, with its blank ("Bot ", "Token ")
    oauth2: str = ""  # from an OAuth 2 provider family: its id. BEARER, or API_KEY where the token goes elsewhere
    scopes: tuple[str, ...] = ()
    base_url: str = ""  # where it is good, if that is not the service's; may hold {variables}

    @property
    def fields(self) -> tuple[str, ...]:
        if self.kind is AuthKind.BEARER:
            return ("token",)
        if self.kind is AuthKind.BASIC:
            return ("username", "password")
        if self.kind in (AuthKind.SIGV4, AuthKind.SIGV4_SESSION):
            key = ("access_key_id", "secret_access_key")
            return key if self.kind is AuthKind.SIGV4 else (*key, "session_token")
        return tuple(key.field for key in self.keys)


class KeyPlace(msgspec.Struct, frozen=True):
    """Where one API key goes: `field` of the connection into `name` of the request's header, query, cookie or path."""

    field: str
    location: str  # header | query | cookie | path: a hole {name} of base_url (Telegram)
    name: str


class Variable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A typed hole in a tenant's host or base URL. Every value must match `pattern` whole (or be one of `enum`).

    `default` is what is called where nobody says a value. `example` only shows what one looks like: nothing real is
    ever sent there.
    """

    pattern: str = "[a-z0-9-]+"
    default: str = ""
    example: str = ""
    enum: tuple[str, ...] = ()
    description: str = ""

    @property
    def sample(self) -> str:
        """A value that it admits, "" where none is known."""
        return self.default or self.example or (*self.enum, "")[0]


class Service(msgspec.Struct, frozen=True, omit_defaults=True):
    """One integration: identity, where it lives, how to authenticate, what the catalog holds of it."""

    id: str  # [a-z0-9-], no underscore: the part of a tool's wire name before the first "_"
    title: str
    summary: str
    category: Category
    base_url: str  # https://host/prefix, may hold {variables}; no trailing slash
    hosts: tuple[str, ...]  # the egress allow-list, may hold {variables}
    auth: tuple[AuthScheme, ...] = ()  # in order of preference; empty: no credential is needed
    variables: dict[str, Variable] = {}
    verify: str = ""  # wire name of a read tool without arguments that needs a good credential
    headers: dict[str, str] = {}  # constant request headers (a version header, say)
    aliases: tuple[str, ...] = ()  # other names people use
    vendor: str = ""  # whose it is: an id that all integrations of one company share
    family: str = ""  # services of one family are connected together: one credential serves them all
    tools: int = 0
    digest: str = ""  # sha256 of the compiled rows: changes when they do

    @property
    def connection(self) -> str:
        """What its connection is kept under."""
        return self.family or self.id

    def base_of(self, scheme: AuthScheme) -> str:
        """Where a credential of `scheme` is good."""
        alike = (each for each in self.auth if (each.kind, each.fields) == (scheme.kind, scheme.fields))
        return next((each.base_url for each in alike if each.base_url), self.base_url)

    def needs(self, scheme: AuthScheme) -> frozenset[str]:
        """The variables that a connection by `scheme` has to say: all but those of where other credentials are good."""
        mine = self.base_of(scheme)
        others = {self.base_url, *(each.base_url for each in self.auth)} - {mine}
        return frozenset(self.variables.keys() - (_holes(*others) - _holes(mine, *self.headers.values())))


def _holes(*texts: str) -> set[str]:
    return {hole for text in texts for hole in _HOLE.findall(text)}
